package org.gatefold.benchmarks.cudnn;

import jcuda.driver.CUresult;
import jcuda.jcudnn.JCudnn;

/** Checks what calls of CUDA and cuDNN return. Stateless. */
final class Status {
    private Status() {}

    /** cuDNN does not run such layers. */
    static final class Unsupported extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unsupported(String message) {
            super(message);
        }
    }

    static void cuda(String call, int status) {
        if (status != 0) {
            throw new IllegalStateException(call + " gives " + CUresult.stringFor(status));
        }
    }

    /** @throws Unsupported if the library says that parameters are bad or that it does not support this: codes 2000 to 3999 */
    static void cudnn(String call, int status) {
        if (status == 0) {
            return;
        }
        String message = call + " gives " + JCudnn.cudnnGetErrorString(status) + " (" + status + ")";
        if (status / 1000 == 2 || status / 1000 == 3) {
            throw new Unsupported(message);
        }
        throw new IllegalStateException(message);
    }

    static void cublas(String call, int status) {
        if (status != 0) {
            throw new IllegalStateException(call + " gives status " + status + " of cuBLAS");
        }
    }
}
