package org.gatefold.backend.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;

import jcuda.driver.JCudaDriver;
import org.gatefold.contract.Subject;
import org.gatefold.op.recurrent.RecurrentOp;
import org.junit.jupiter.api.Test;

/** Times on the device's stream. */
class CudaTimerTest {
    @Test
    void moreWorkTakesLonger() {
        try (Subject subject = Subject.open("cuda:0", "cuda.steps", RecurrentOp.class);
                CudaContext context = new CudaContext(0);
                Scratch memory = new Scratch(context);
                CudaTimer timer = new CudaTimer(context)) {
            long bytes = 32 << 20;
            long address = memory.atLeast(bytes);
            timer.start();
            double nothing = timer.stopMillis();
            timer.start();
            for (int i = 0; i < 10; i++) {
                CudaStatus.check(
                        "cuMemsetD8Async",
                        JCudaDriver.cuMemsetD8Async(Addresses.device(address), (byte) i, bytes, context.stream()));
            }
            assertThat(timer.stopMillis()).isGreaterThan(nothing);
            assertThat(nothing).isNotNegative();
            assertThat(subject.device().name()).isEqualTo("cuda:0");
        }
    }
}
