package org.gatefold.backend.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/** Copies from one card to another, each ordered with the work of both by events; the host waits for none. */
final class PeerCopy {
    private static final int DISABLE_TIMING = 2;
    private static final String BETWEEN_CARDS = "cards copy from each other";

    private PeerCopy() {}

    /**
     * Submits a copy behind all work that either card was given, and before all that it is given later.
     *
     * @param bytes that do not overlap
     */
    static void submit(CudaContext to, long target, CudaContext from, long source, long bytes) {
        to.reach(from);
        follow(to, from);
        CudaStatus.check(
                "cuMemcpyPeerAsync",
                JCudaDriver.cuMemcpyPeerAsync(
                        Addresses.device(target),
                        to.handle(),
                        Addresses.device(source),
                        from.handle(),
                        bytes,
                        to.directly(BETWEEN_CARDS)));
        // What overwrites the source waits for the copy.
        follow(from, to);
    }

    /** Lets the work that one card is given from here on wait for what another was given till here; leaves the first one current. */
    private static void follow(CudaContext waiting, CudaContext before) {
        before.enter();
        CUevent event = new CUevent();
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(event, DISABLE_TIMING));
        try {
            CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(event, before.directly(BETWEEN_CARDS)));
            waiting.enter();
            CUstream stream = waiting.directly(BETWEEN_CARDS);
            CudaStatus.check("cuStreamWaitEvent", JCudaDriver.cuStreamWaitEvent(stream, event, 0));
        } finally {
            // The driver keeps it till it is passed.
            before.enter();
            CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(event));
            waiting.enter();
        }
    }
}
