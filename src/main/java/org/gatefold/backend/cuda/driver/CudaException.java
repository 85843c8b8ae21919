package org.gatefold.backend.cuda.driver;

/** A call to CUDA failed: names the call, the status and what can be done. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public CudaException(String message) {
        super(message);
    }
}
