package org.gatefold.file;

/**
 * A file could not be read or written, or is not what it should be. The message is one line that names the file and, where
 * it is about a part of it, the field.
 */
public class FileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String problem;

    public FileException(String message) {
        this(message, null);
    }

    /** @param cause if it is about a field of a file, so is this */
    public FileException(String message, Throwable cause) {
        super(message, cause);
        field = cause instanceof FileException inner ? inner.field : "";
        problem = message;
    }

    /**
     * @param file names the file
     * @param field names the part of it; empty for the whole
     * @param problem what is wrong with it
     * @param cause may be null
     */
    public FileException(String file, String field, String problem, Throwable cause) {
        super(file + ": " + named(field, problem), cause);
        this.field = field;
        this.problem = named(field, problem);
    }

    /** The part of the file that is wrong, for instance {@code "layers[1].options.units"}; empty if it is the whole. */
    public String field() {
        return field;
    }

    private static String named(String field, String problem) {
        return field.isEmpty() ? problem : field + ": " + problem;
    }

    /** What is wrong: the message without the file, for messages that name it otherwise. */
    public String problem() {
        return problem;
    }

    /** The first line of what went wrong. */
    public static String reason(Throwable e) {
        String text = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        return text.lines().findFirst().orElse("");
    }
}
