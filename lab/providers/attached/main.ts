/**
 * `main.js NAME...`: substitutes that need no settings, in one process to which engines attach; prints what PULUMI_DEBUG_PROVIDERS wants.
 * To start them anew is a sixth of what a `pulumi up` with nothing to do takes.
 */
import { commandProvider } from "../command/provider";
import { endWithParent, serve } from "../core/main";
import { randomProvider } from "../random/provider";
import { tlsProvider } from "../tls/provider";

const chosen = [commandProvider, randomProvider, tlsProvider].filter(({ name }) => process.argv.includes(name));

endWithParent();
void Promise.all(chosen.map(async (provider) => `${provider.name}:${await serve(provider)}`)).then((served) =>
    console.log(served.join()),
);
