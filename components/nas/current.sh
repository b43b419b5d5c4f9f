# shellcheck shell=sh disable=SC2154
# What runs on the NAS already.
#
# Values: owner_label (project/stack), component, container_name

# current_container: id of the registry's container that this component has made, under whatever name.
current_container() {
    {
        run_docker ps --all --quiet --filter "label=nas-registry.owner=$owner_label" --filter "name=^/$container_name\$"
        run_docker ps --all --quiet --filter "label=nas-registry.owner=$owner_label" --filter "label=nas-registry.component=$component"
    } | head -n 1
}

# current_source PATH: what of the NAS is mounted there in that container; nothing before the first update.
current_source() {
    id=$(current_container)
    [ -z "$id" ] ||
        run_docker inspect --format "{{range .Mounts}}{{if eq .Destination \"$1\"}}{{.Source}}{{end}}{{end}}" "$id"
}
