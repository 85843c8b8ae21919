package org.gatefold.backend.cuda.driver;

import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.cublasStatus;
import jcuda.nvrtc.JNvrtc;

/** Turns status codes into {@link CudaException}s. JCuda's own exceptions stay off, so that every status is seen here. */
public final class CudaStatus {
    private CudaStatus() {}

    /** Checks the status of a driver call. */
    public static void check(String call, int status) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw new CudaException(call + " failed: " + name(status) + " (" + status + ")" + advice(status));
        }
    }

    /** Checks the status of a cuBLAS call; where a kernel before it has failed, that is named as the cause. */
    public static void checkBlas(String call, int status) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            int cause = JCudaDriver.cuCtxSynchronize();
            throw new CudaException(call + " failed: " + cublasStatus.stringFor(status) + " (" + status + ")"
                    + (cause == CUresult.CUDA_SUCCESS
                            ? ""
                            : "; work before it ended with " + name(cause) + " (" + cause + ")" + advice(cause)));
        }
    }

    /** Checks the status of an NVRTC call. */
    public static void checkNvrtc(String call, int status) {
        if (status != 0) {
            throw new CudaException(call + " failed: " + JNvrtc.nvrtcGetErrorString(status) + " (" + status + ")");
        }
    }

    /** The driver's name of a status, for instance {@code CUDA_ERROR_OUT_OF_MEMORY}. */
    public static String name(int status) {
        String[] text = new String[1];
        JCudaDriver.cuGetErrorName(status, text);
        return text[0] == null ? CUresult.stringFor(status) : text[0];
    }

    private static String advice(int status) {
        return switch (status) {
            case CUresult.CUDA_ERROR_NO_DEVICE ->
                "; no NVIDIA GPU is visible: look at nvidia-smi and CUDA_VISIBLE_DEVICES";
            case CUresult.CUDA_ERROR_OUT_OF_MEMORY -> "; use a smaller batch or fewer steps, or recompute segments";
            case CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_LAUNCH_FAILED,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS ->
                "; the device is unusable in this process: start it again";
            case CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU, CUresult.CUDA_ERROR_INVALID_PTX ->
                "; the GPU is newer than NVRTC: try -Dgatefold.cuda.code=ptx";
            default -> "";
        };
    }
}
