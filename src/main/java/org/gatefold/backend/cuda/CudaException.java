package org.gatefold.backend.cuda;

/** A call to CUDA failed: names the call, the status and what can be done. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CudaException(String message) {
        super(message);
    }
}
