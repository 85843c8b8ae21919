package org.gatefold.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.device.Operation;

/** What cuDNN does on one device: owns its handle and the operations behind it. Thread-safe. */
final class CudnnOperations implements AutoCloseable {
    private final CudnnHandle handle;
    private final CudnnSoftmax softmax;
    private final List<Operation> operations = new ArrayList<>();

    /** Only where {@link CudaLibraries#loadCudnn()} gave no reason. */
    CudnnOperations(CudaContext context, Kernels kernels) {
        this.handle = new CudnnHandle(context);
        this.softmax = new CudnnSoftmax(handle);
        CudnnCalls calls = new CudnnCalls(handle);
        CudnnRecurrent standard = null;
        for (CudnnAlgorithm algorithm : CudnnAlgorithm.values()) {
            CudnnRecurrent recurrent = new CudnnRecurrent(context, kernels, calls, algorithm, standard);
            standard = algorithm == CudnnAlgorithm.STANDARD ? recurrent : standard;
            operations.add(recurrent);
        }
        operations.add(softmax);
    }

    /** All operations, recurrent layers by the algorithm that takes most first. */
    List<Operation> list() {
        return operations;
    }

    @Override
    public void close() {
        softmax.close();
        handle.close();
    }
}
