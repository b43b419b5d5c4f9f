// The floors of components/, from the ground up: an import goes to the same room or down.
const floors = ["settings", "certificates", "nas", "gateway", "operations", "clients", "registry", "cli"];

/** The rooms of a file's own floor and below; the component classes and what exports them stand above all rooms. */
const rooms = (names) => `^components/(${names.join("|")})/`;

export default {
    forbidden: [
        {
            name: "no-circles",
            comment: "Files that import each other cannot be read, or tested, one after another.",
            severity: "error",
            from: {},
            to: { circular: true },
        },
        ...floors.map((floor, index) => ({
            name: `${floor}-imports-down`,
            comment: `components/${floor}/ may import only what stands below it.`,
            severity: "error",
            from: { path: rooms([floor]) },
            to: { path: "^components/", pathNot: rooms(floors.slice(0, index + 1)) },
        })),
        {
            name: "sections-know-no-registry",
            comment: "The sections are what the registry's arguments are put together from.",
            severity: "error",
            from: { path: "^components/registry/sections/" },
            to: { path: "^components/registry/", pathNot: "^components/registry/sections/" },
        },
        {
            name: "product-apart",
            comment: "The product never imports the lab, a benchmark, a test or the toolchain.",
            severity: "error",
            from: { path: "^(components/|(index|preload)\\.ts)" },
            to: { path: "^(lab|bench|tests|toolchain|policy)/" },
        },
    ],
    options: {
        doNotFollow: { path: "node_modules" },
        tsConfig: { fileName: "tsconfig.json" },
        // Types count as well: who needs another's types needs the other.
        tsPreCompilationDeps: true,
    },
};
