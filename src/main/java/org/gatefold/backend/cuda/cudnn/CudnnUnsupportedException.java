package org.gatefold.backend.cuda.cudnn;

/** cuDNN does not do what a plan would need: an answer, with the library's reason, and not a failure. */
final class CudnnUnsupportedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CudnnUnsupportedException(String message) {
        super(message);
    }
}
