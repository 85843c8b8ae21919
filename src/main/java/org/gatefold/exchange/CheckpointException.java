package org.gatefold.exchange;

import org.gatefold.file.FileException;

/**
 * A checkpoint or model file could not be written, could not be read, or does not fit; the message says in one line why, and
 * names the field that is wrong where it is about one.
 */
public final class CheckpointException extends FileException {
    private static final long serialVersionUID = 1L;

    public CheckpointException(String message, Throwable cause) {
        super(message, cause);
    }

    public CheckpointException(String message) {
        super(message);
    }

    /**
     * @param where names the checkpoint or model file
     * @param field the part of it that is wrong; empty for the whole
     * @param problem what is wrong with it
     * @param cause may be null
     */
    public CheckpointException(String where, String field, String problem, Throwable cause) {
        super(where, field, problem, cause);
    }
}
