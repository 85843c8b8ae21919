package org.gatefold.backend.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** A second stream that forks from a first one and joins it again, also while that is being recorded. */
public final class SideStream implements AutoCloseable {
    private static final int DISABLE_TIMING = 2;

    private final CudaContext context;
    private final CUstream stream = new CUstream();
    private final CUevent forked = new CUevent();
    private final CUevent done = new CUevent();

    public SideStream(CudaContext context) {
        this.context = context;
        context.enter();
        CudaStatus.check("cuStreamCreate", JCudaDriver.cuStreamCreate(stream, 1));
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(forked, DISABLE_TIMING));
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(done, DISABLE_TIMING));
    }

    /** The branch's stream, which goes on from where {@code trunk} stands. */
    public CUstream fork(CUstream trunk) {
        submitted(trunk);
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(forked, trunk));
        CudaStatus.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(stream, forked, 0));
        return stream;
    }

    /** Lets {@code trunk} wait for the branch. */
    public void join(CUstream trunk) {
        submitted(trunk);
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(done, stream));
        CudaStatus.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(trunk, done, 0));
    }

    private void submitted(CUstream trunk) {
        if (trunk.equals(context.stream())) {
            context.directly("two directions have a stream each");
        }
    }

    @Override
    public void close() {
        context.drain();
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(forked));
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(done));
        CudaStatus.check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(stream));
    }
}
