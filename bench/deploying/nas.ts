import type { Nas } from "../../lab";

const kept = "/root/bench-original";

/** What a Linux server has and the lab's NASes do not: Python, which Ansible needs, and SFTP, by which it copies files. */
const prepare = `set -eu
command -v python3 >/dev/null && python3 -c 'import requests' || {
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends python3-minimal python3-requests
}
grep -q '^Subsystem' /etc/ssh/sshd_config || {
    echo 'Subsystem sftp internal-sftp' >>/etc/ssh/sshd_config
    pkill -o -x sshd
    sleep 2
}
mkdir -p ${kept}
cp -p /etc/docker/daemon.json /root/.ssh/authorized_keys ${kept}`;

const reset = `set -eu
# An operation that failed may have left it off.
/etc/init.d/docker start
docker ps --all --quiet | xargs -r docker rm --force --volumes >/dev/null
docker network prune --force >/dev/null
docker image prune --all --force >/dev/null
rm -rf /srv/* /var/lib/nas-registry /var/lib/registry /root/.ansible
cp -p ${kept}/authorized_keys /root/.ssh/
cmp -s ${kept}/daemon.json /etc/docker/daemon.json || { cp -p ${kept}/daemon.json /etc/docker/; /etc/init.d/docker restart; }
sync`;

export const prepareNas = (nas: Nas): Promise<void> => must(nas, prepare);
export const resetNas = (nas: Nas): Promise<void> => must(nas, reset);

async function must(nas: Nas, script: string): Promise<void> {
    const { code, stdout, stderr } = await nas.exec(script);
    if (code !== 0) throw new Error(`the NAS could not be prepared:\n${stdout}${stderr}`);
}

/** Ids and starts of the registry's containers, which change when one is replaced or restarted. */
export function containersOf(nas: Nas): Promise<string> {
    return nas.docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", "registry", "registry-redis");
}

/** The registry's image, its limit of memory in MiB, and the daemon's option for logs; empty without a registry. */
export async function found(nas: Nas): Promise<string> {
    const script = `docker inspect --format '{{.Config.Image}} {{.HostConfig.Memory}}' registry 2>/dev/null
        jq --raw-output '."log-opts"."max-size" // ""' /etc/docker/daemon.json`;
    const [image = "", bytes, logSize] = (await nas.exec(script)).stdout.trim().split(/\s+/);
    return image && `${image} ${Number(bytes) / 1024 ** 2} ${logSize}`;
}
