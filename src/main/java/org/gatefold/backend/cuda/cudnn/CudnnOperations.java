package org.gatefold.backend.cuda.cudnn;

import java.util.ArrayList;
import java.util.List;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.kernel.Kernels;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.device.Operation;

/** What cuDNN does on one device: owns its handle and the operations behind it. Thread-safe. */
public final class CudnnOperations implements AutoCloseable {
    private final CudnnHandle handle;
    private final CudnnSoftmax softmax;
    private final List<Operation> operations = new ArrayList<>();

    /** Only where {@link CudaLibraries#loadCudnn()} gave no reason. */
    public CudnnOperations(CudaContext context, Kernels kernels) {
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
    public List<Operation> list() {
        return operations;
    }

    @Override
    public void close() {
        softmax.close();
        handle.close();
    }
}
