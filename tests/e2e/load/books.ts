import { nameOf, oneOf, type Image, type Random } from "./images";

/**
 * What a registry must have: the images whose push it acknowledged last under their name. A name that somebody writes is
 * nobody else's until then, since nobody can say what it stands for.
 */
export class Books {
    private readonly expected = new Map<string, Image>();
    /** Deleted or replaced, the latest ones. */
    private readonly former: Image[] = [];
    private readonly readers = new Map<string, number>();
    private readonly writers = new Set<string>();

    get size(): number {
        return this.expected.size;
    }

    /** All that must be there. */
    images(): Image[] {
        return [...this.expected.values()];
    }

    /** Any image that must be there, and that nobody writes. */
    any(random: Random): Image | undefined {
        return oneOf(
            random,
            this.images().filter((image) => !this.writers.has(nameOf(image))),
        );
    }

    /** Any image that was there once. */
    anyFormer(random: Random): Image | undefined {
        return oneOf(random, this.former);
    }

    /** Runs a pull of an image from {@link any}. */
    async reading(image: Image, run: () => Promise<void>): Promise<void> {
        const name = nameOf(image);
        this.readers.set(name, (this.readers.get(name) ?? 0) + 1);
        try {
            await run();
        } finally {
            this.readers.set(name, (this.readers.get(name) ?? 1) - 1);
        }
    }

    /**
     * Runs a push of an image, or its removal, after which the name stands for it or for nothing; when it fails, nobody knows, so
     * that nothing is expected.
     *
     * @returns false, and runs nothing, while somebody else reads or writes the name
     */
    async writing(image: Image, kind: "push" | "delete", run: () => Promise<void>): Promise<boolean> {
        const name = nameOf(image);
        if (this.writers.has(name) || (this.readers.get(name) ?? 0) > 0) return false;
        this.writers.add(name);
        const before = this.expected.get(name);
        this.expected.delete(name);
        try {
            await run();
            if (before) this.former.push(before);
            if (this.former.length > 50) this.former.shift();
            if (kind === "push") this.expected.set(name, image);
        } finally {
            this.writers.delete(name);
        }
        return true;
    }
}
