package org.gatefold.file;

import java.util.regex.Pattern;

/**
 * A file could not be read or written, or is not what it should be. The message is one line that names the file and, where
 * it is about a part of it, the field.
 */
public class FileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Names and values in messages come from files, and may be of any length. */
    private static final int MOST_CHARACTERS = 1_000;

    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

    private final String field;
    private final String problem;

    public FileException(String message) {
        this(message, null);
    }

    /** @param cause if it is about a field of a file, so is this */
    public FileException(String message, Throwable cause) {
        super(line(message), cause);
        field = cause instanceof FileException inner ? inner.field : "";
        problem = line(message);
    }

    /**
     * @param file names the file
     * @param field names the part of it; empty for the whole
     * @param problem what is wrong with it
     * @param cause may be null
     */
    public FileException(String file, String field, String problem, Throwable cause) {
        super(line(file + ": " + named(field, problem)), cause);
        this.field = line(field);
        this.problem = line(named(field, problem));
    }

    /** The part of the file that is wrong, for instance {@code "layers[1].options.units"}; empty if it is the whole. */
    public String field() {
        return field;
    }

    /** One line that is not too long. */
    private static String line(String text) {
        String line = CONTROL.matcher(text).replaceAll(" ");
        return line.length() <= MOST_CHARACTERS ? line : line.substring(0, MOST_CHARACTERS) + "…";
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
