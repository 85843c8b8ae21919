package org.gatefold.backend.cuda.cudnn;

import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.BAD_PARAM;
import static org.gatefold.backend.cuda.cudnn.CudnnDescriptorTable.SUCCESS;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnDropoutDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnRNNDataDescriptor;
import jcuda.jcudnn.cudnnRNNDescriptor;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.runtime.cudaStream_t;

/** What cuDNN answers without a handle, of which a machine without a GPU has none, and the names of its statuses. */
final class HandleCases {
    private static final Map<Integer, String> STATUSES = Map.ofEntries(
            Map.entry(0, "CUDNN_STATUS_SUCCESS"),
            Map.entry(1, "CUDNN_UNKNOWN_STATUS"),
            Map.entry(1001, "CUDNN_STATUS_NOT_INITIALIZED"),
            Map.entry(1002, "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH"),
            Map.entry(1008, "CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED"),
            Map.entry(2000, "CUDNN_STATUS_BAD_PARAM"),
            Map.entry(2002, "CUDNN_STATUS_BAD_PARAM_NULL_POINTER"),
            Map.entry(2006, "CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT"),
            Map.entry(3000, "CUDNN_STATUS_NOT_SUPPORTED"),
            Map.entry(3002, "CUDNN_STATUS_NOT_SUPPORTED_SHAPE"),
            Map.entry(3007, "CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH"),
            Map.entry(4000, "CUDNN_STATUS_INTERNAL_ERROR"),
            Map.entry(4004, "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"),
            Map.entry(5000, "CUDNN_STATUS_EXECUTION_FAILED"),
            Map.entry(5001, "CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER"),
            Map.entry(9999, "CUDNN_UNKNOWN_STATUS"));

    private HandleCases() {}

    static List<DescriptorCase> all() {
        List<DescriptorCase> all = new ArrayList<>();
        all.add(new DescriptorCase(
                "the version", () -> List.of(JCudnn.cudnnGetVersion()), List.of((long) CudnnDescriptorTable.VERSION)));
        STATUSES.forEach((status, name) -> all.add(new DescriptorCase(
                "the name of status " + status, () -> List.of(JCudnn.cudnnGetErrorString(status)), List.of(name))));
        all.addAll(withoutHandle());
        return all;
    }

    private static List<DescriptorCase> withoutHandle() {
        cudnnHandle none = new cudnnHandle();
        long[] size = new long[1];
        Pointer nothing = new Pointer();
        return List.of(
                call(SUCCESS, "cudnnDestroy", () -> JCudnn.cudnnDestroy(none)),
                call(BAD_PARAM, "cudnnSetStream", () -> JCudnn.cudnnSetStream(none, new cudaStream_t())),
                call(BAD_PARAM, "cudnnDropoutGetStatesSize", () -> JCudnn.cudnnDropoutGetStatesSize(none, size)),
                dropout(
                        "cudnnSetDropoutDescriptor",
                        d -> JCudnn.cudnnSetDropoutDescriptor(d, none, 0.5f, nothing, 0, 1)),
                dropout(
                        "cudnnRestoreDropoutDescriptor",
                        d -> JCudnn.cudnnRestoreDropoutDescriptor(d, none, 0.5f, nothing, 0, 1)),
                dropout(
                        "cudnnGetDropoutDescriptor",
                        d -> JCudnn.cudnnGetDropoutDescriptor(d, none, new float[1], nothing, size)),
                rnn("cudnnGetRNNWeightSpaceSize", rnn -> JCudnn.cudnnGetRNNWeightSpaceSize(none, rnn, size)),
                rnn(
                        "cudnnGetRNNTempSpaceSizes",
                        rnn -> JCudnn.cudnnGetRNNTempSpaceSizes(
                                none, rnn, 1, new cudnnRNNDataDescriptor(), size, size)),
                rnn(
                        "cudnnGetRNNWeightParams",
                        rnn -> JCudnn.cudnnGetRNNWeightParams(
                                none,
                                rnn,
                                0,
                                0,
                                nothing,
                                0,
                                new cudnnTensorDescriptor(),
                                new Pointer(),
                                new cudnnTensorDescriptor(),
                                new Pointer())),
                rnn("cudnnBuildRNNDynamic", rnn -> JCudnn.cudnnBuildRNNDynamic(none, rnn, 4)));
    }

    private static DescriptorCase call(int status, String name, IntSupplier call) {
        return new DescriptorCase(name + " without a handle", () -> List.of(call.getAsInt()), List.of(status));
    }

    private interface OnDropout {
        int call(cudnnDropoutDescriptor dropout);
    }

    private static DescriptorCase dropout(String name, OnDropout on) {
        return call(BAD_PARAM, name, () -> {
            cudnnDropoutDescriptor dropout = new cudnnDropoutDescriptor();
            JCudnn.cudnnCreateDropoutDescriptor(dropout);
            int status = on.call(dropout);
            JCudnn.cudnnDestroyDropoutDescriptor(dropout);
            return status;
        });
    }

    private interface OnRnn {
        int call(cudnnRNNDescriptor rnn);
    }

    private static DescriptorCase rnn(String name, OnRnn on) {
        return call(BAD_PARAM, name, () -> {
            cudnnRNNDescriptor rnn = new cudnnRNNDescriptor();
            JCudnn.cudnnCreateRNNDescriptor(rnn);
            RnnField.set(rnn, RnnField.usualBut(Map.of()));
            int status = on.call(rnn);
            JCudnn.cudnnDestroyRNNDescriptor(rnn);
            return status;
        });
    }
}
