package org.gatefold.train.parallel;

/** Workers that train together can go on no longer: one is gone, has given up, or does something else than the others. */
public final class CollectiveException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CollectiveException(String message) {
        super(message);
    }

    public CollectiveException(String message, Throwable cause) {
        super(message, cause);
    }
}
