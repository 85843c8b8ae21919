package org.gatefold.recipe.option;

/** An option, or several together, cannot be what was asked for; the message names it, what is expected and what came. */
public final class UsageException extends IllegalArgumentException {
    private static final long serialVersionUID = 1L;

    public UsageException(String message) {
        super(message);
    }

    /** @param cause what found it out */
    public UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
