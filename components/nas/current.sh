# shellcheck shell=sh disable=SC2154
# What runs on the NAS already. Sourced after run_docker is defined.
#
# Values: owner_label (project/stack), component, container_name

# current_container: id of the registry's container that this component has made, under whatever name.
current_container() {
    {
        run_docker ps --all --quiet --filter "label=nas-registry.owner=$owner_label" --filter "name=^/$container_name\$"
        run_docker ps --all --quiet --filter "label=nas-registry.owner=$owner_label" --filter "label=nas-registry.component=$component"
    } | head -n 1
}

# current_data_directory: where the images are now; nothing before the first update.
current_data_directory() {
    id=$(current_container)
    [ -z "$id" ] ||
        run_docker inspect --format '{{range .Mounts}}{{if eq .Destination "/var/lib/registry"}}{{.Source}}{{end}}{{end}}' "$id"
}
