import * as bcrypt from "bcryptjs";

/**
 * bcrypt cost for generated passwords. The registry checks the hash at every request, and cost 10 makes a push twelve times
 * slower; against a password of 190 random bits a higher cost protects nothing.
 */
export const GENERATED_PASSWORD_COST = 5;

/**
 * One line of an htpasswd file.
 *
 * @param salt 16 bytes in base64. Given, and not drawn here, so that the same user gives the same line at every run.
 */
export function htpasswdLine(username: string, password: string, salt: string): string {
    const encodedSalt = bcrypt.encodeBase64(Buffer.from(salt, "base64"), 16);
    const cost = String(GENERATED_PASSWORD_COST).padStart(2, "0");
    return `${username}:${bcrypt.hashSync(password, `$2b$${cost}$${encodedSalt}`)}\n`;
}
