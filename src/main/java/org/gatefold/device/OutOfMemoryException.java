package org.gatefold.device;

/** A memory could not give a block; nothing was allocated and the scope that asked is as it was before. */
public final class OutOfMemoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public OutOfMemoryException(String message) {
        super(message);
    }
}
