package org.gatefold.backend.cuda.driver;

import java.util.function.Consumer;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Records work into graphs, on a stream of its own that nothing else uses. One thread at a time. */
final class GraphRecorder implements AutoCloseable {
    private static final int THREAD_LOCAL_CAPTURE = 1;

    private final CUstream recording = new CUstream();

    /** In the context that is current. */
    GraphRecorder() {
        CudaStatus.check("cuStreamCreate", JCudaDriver.cuStreamCreate(recording, 1));
    }

    /** A graph of what {@code work} submits to the stream it is given; nothing runs. */
    CUgraphExec record(Consumer<CUstream> work) {
        CUgraph graph = new CUgraph();
        CudaStatus.check("cuStreamBeginCapture", JCudaDriver.cuStreamBeginCapture(recording, THREAD_LOCAL_CAPTURE));
        int ended;
        boolean complete = false;
        try {
            work.accept(recording);
            complete = true;
        } finally {
            ended = JCudaDriver.cuStreamEndCapture(recording, graph);
            if (!complete && ended == CUresult.CUDA_SUCCESS) {
                JCudaDriver.cuGraphDestroy(graph);
            }
        }
        CudaStatus.check("cuStreamEndCapture", ended);
        CUgraphExec executable = new CUgraphExec();
        int made = JCudaDriver.cuGraphInstantiate(executable, graph, 0);
        int destroyed = JCudaDriver.cuGraphDestroy(graph);
        CudaStatus.check("cuGraphInstantiate", made);
        CudaStatus.check("cuGraphDestroy", destroyed);
        return executable;
    }

    @Override
    public void close() {
        CudaStatus.check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(recording));
    }
}
