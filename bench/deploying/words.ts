/** How it is measured. */
export function method(versions: readonly string[], engine: string): string {
    return `The same registry is deployed by:

${versions.map((version) => `- ${version};`).join("\n")}

Each puts the same there: the registry with users (bcrypt, cost 4), a server certificate and limits of memory, processors, processes and
logs, Valkey as its cache, which nothing else reaches, and two entries in the file of the NAS's Docker daemon, which restarts when they are
new. What is in place of nas-registry is in \`bench/deploying/tools\`: a playbook, a compose file with a script for what Compose cannot do
(the files and the daemon), and a script that does all in one connection. They get their certificate, passwords and hashes ready made;
nas-registry makes them in its time.

The NAS is simulated: a container with its own sshd, with the limits that sshd has by default, and Docker Engine ${engine}. It is Debian 12
and no Synology or QNAP: there \`docker\` is not found by a command over SSH, without which Compose does not work, and Debian's Ansible
manages what has Python up to 3.11, which was installed for it. Its images are pulled anew each time, from a mirror beside it. The upgrade is
to the same program under another digest.

Whoever deploys sits in a network namespace with one interface. What is added to the time of a round trip is added there, by a program that
carries each frame after a delay: netem is not in every kernel. Bytes are those of this interface, with the headers of Ethernet. The time
is until the command has ended and the registry answers. Processor's time is counted by control groups, and includes what has ended
meanwhile or runs beside; the NAS's has what its engine, sshd and health checks do. Connections that ssh keeps open are closed after
each operation, as if there were a day between two of them. With a delay, and for the empty program, only what is in the tables is tried.`;
}

/** Why something takes longer, where it does. */
export const reasons = `What takes its time is, everywhere:

- **Pulumi itself**: the engine, the language host and Node.js with the SDK start at each operation, whatever is to be done; the column
  \`empty\` shows it. A shell script has nothing of this.
- **Four provider plugins**, which start at each operation one after the other, and the SDK's part of each, which the program loads. The
  official ones, compiled, were no faster in a try than the substitutes, which are programs of Node.js.
- **Resources one after the other**: of 4.2 s with nothing to do (two slow cores, the official plugins) 0.9 s passed before the program began,
  0.9 s loaded Pulumi's SDK and 0.1 s this package; the other 2.3 s were the plugins' start and the way of 23 resources through the engine, most
  of which wait for another one, with both cores busy. Since then the SDK's compiler and npm's resolver are loaded when somebody asks for them
  (\`preload.ts\`), which is a fifth of the whole.
- **The drift check** asks the engine for each resource, and the NAS by one script; each of the resources goes through the engine's state
  file.
- **A new container is tried first**: where the registry is replaced, its successor is started beside it and must answer before the old one is
  stopped. An upgrade takes longer by this, and a configuration that does not work stops nothing.
- **Users, limits**: a change is written by a script of its own, over its own login, after the probe has looked at the NAS.
- **The smoke test** after a deployment asks as a client would: with a password and without, and whether Valkey was really asked.

Aims that were missed on two slow cores in November 2026, and what stands before them:

- **0.8 of Compose's first deployment, 2.5 of an empty program's destroy**: less than the shell script takes, whose time is the daemon's
  restart, the pulled images, and the containers' start and stop. The script is the floor here.
- **0.5 of Ansible's first deployment, and, without a delay, 0.35 and 0.6 of Ansible's later**: Ansible waits for the NAS, and nas-registry computes here, as the processor's
  seconds show. So the slower the network, the nearer it gets, and the slower the machine of whoever deploys, the farther.
- **1.25 of an empty program**: the start of four plugins, and the way of the resources through the engine.
- **5 logins**: the probe, the files, the daemon's configuration, the key by which Docker is reached, Docker, and the smoke test. Without an entry in the
  daemon's configuration it is five.

Ansible changes limits of memory where the container runs; the others make it anew.`;
