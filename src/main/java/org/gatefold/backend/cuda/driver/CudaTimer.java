package org.gatefold.backend.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.JCudaDriver;
import org.gatefold.device.Stopwatch;

/** Times work on a device's stream by a pair of events, so that only the device's own time counts. */
public final class CudaTimer implements Stopwatch {
    private static final int DEFAULT = 0;

    private final CudaContext context;
    private final CUevent begin = new CUevent();
    private final CUevent end = new CUevent();

    public CudaTimer(CudaContext context) {
        this.context = context;
        context.enter();
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(begin, DEFAULT));
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(end, DEFAULT));
    }

    @Override
    public void start() {
        context.enter();
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(begin, context.directly("work is timed")));
    }

    @Override
    public double stopMillis() {
        context.enter();
        CudaStatus.check("cuEventRecord", JCudaDriver.cuEventRecord(end, context.directly("work is timed")));
        CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(end));
        context.checkAlarm();
        float[] millis = new float[1];
        CudaStatus.check("cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(millis, begin, end));
        return millis[0];
    }

    @Override
    public void close() {
        context.enter();
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(begin));
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(end));
    }
}
