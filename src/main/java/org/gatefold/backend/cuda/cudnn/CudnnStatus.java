package org.gatefold.backend.cuda.cudnn;

import jcuda.jcudnn.JCudnn;
import org.gatefold.backend.cuda.driver.CudaException;

/**
 * Reads the status codes of cuDNN 9. The first digit of a code is its category: 1 not initialised, 2 bad parameter, 3 not
 * supported, 4 internal error, 5 execution failed. The names in JCudnn are those of cuDNN 8; the library is asked instead.
 */
public final class CudnnStatus {
    private CudnnStatus() {}

    /** Checks the status of a call that was expected to work. */
    static void check(String call, int status) {
        if (status != 0) {
            throw new CudaException(describe(call, status) + advice(status));
        }
    }

    /**
     * Checks the status of a call that asks whether the library does something.
     *
     * @throws CudnnUnsupportedException if it does not
     */
    static void checkSupport(String call, int status) {
        if (status / 1000 == 2 || status / 1000 == 3) {
            throw new CudnnUnsupportedException(describe(call, status));
        }
        check(call, status);
    }

    private static String describe(String call, int status) {
        return call + " gives " + JCudnn.cudnnGetErrorString(status) + " (" + status + ")";
    }

    private static String advice(int status) {
        return switch (status / 1000) {
            case 1 -> "; cuDNN does not start: look at nvidia-smi, and use a cuDNN 9 for CUDA 12";
            case 3 -> "; choose another implementation with -Dgatefold.use, recurrent:cuda.steps for instance";
            default -> "";
        };
    }
}
