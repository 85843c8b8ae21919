package org.gatefold.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.device.ParkedCall;
import org.gatefold.device.Scope;
import org.gatefold.op.elementwise.ElementwiseOp;
import org.gatefold.op.linear.LinearOp;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.tensor.Call;
import org.gatefold.tensor.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The engine's life: instruction sets, closing while calls run, and its place in the device. */
class EngineTest {
    private String isa;

    @BeforeEach
    void keepProperty() {
        isa = System.getProperty(Engine.ISA_PROPERTY);
    }

    @AfterEach
    void restoreProperty() {
        if (isa == null) {
            System.clearProperty(Engine.ISA_PROPERTY);
        } else {
            System.setProperty(Engine.ISA_PROPERTY, isa);
        }
    }

    @Test
    void theDeviceOffersTheNativeEngineFirst() {
        try (Device cpu = Devices.cpu(2)) {
            assertThat(cpu.description()).startsWith("2 threads, ");
            assertThat(cpu.operations(RecurrentOp.class).get(0).name()).isEqualTo("cpu.native");
            assertThat(cpu.operation(LinearOp.class).name()).isEqualTo("cpu.native");
        }
    }

    @Test
    void theInstructionSetCanBeCapped() {
        System.setProperty(Engine.ISA_PROPERTY, "generic");
        try (Device cpu = Devices.cpu(1)) {
            assertThat(cpu.description()).isEqualTo("1 thread, generic");
        }
    }

    /** What is known to be there, best first, is named by whoever looked at the processor. */
    @Test
    void theBestInstructionSetIsTaken() {
        String named = System.getenv("GATEFOLD_TEST_REQUIRE");
        assumeTrue(named != null && isa == null, "GATEFOLD_TEST_REQUIRE names no instruction sets of this machine");
        try (Device cpu = Devices.cpu(1)) {
            assertThat(cpu.description()).isEqualTo("1 thread, " + named.split(",", -1)[0]);
        }
    }

    @Test
    void anUnknownInstructionSetIsRefused() {
        System.setProperty(Engine.ISA_PROPERTY, "sse9");
        assertThatThrownBy(() -> Engine.start(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gatefold.isa")
                .hasMessageContaining("sse9")
                .hasMessageContaining("amx, avx512bf16, avx512, avx2, generic");
    }

    @Test
    void aClosedEngineLetsNoCallIn() {
        Engine engine = Engine.start(1);
        engine.close();
        engine.close();
        assertThatThrownBy(engine::handle)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("device cpu is closed");
    }

    @Test
    void anOperationOfAClosedDeviceIsRefused() {
        ElementwiseOp op;
        try (Device cpu = Devices.cpu(1)) {
            op = cpu.operation(ElementwiseOp.class);
        }
        try (Device cpu = Devices.cpu(1);
                Scope scope = cpu.openScope("test")) {
            Tensor x = scope.zeros("x", 4);
            assertThatThrownBy(() -> op.scale(2f, x, x)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void closingWaitsForCallsInProgress() throws InterruptedException {
        Engine engine = Engine.start(2);
        AtomicReference<String> seen = new AtomicReference<>();
        ParkedCall call = ParkedCall.start(parked -> {
            Call outer = Call.begin();
            engine.run("test", handle -> {
                parked.park();
                seen.set(NativeLibrary.engineIsa(handle));
                return NativeLibrary.OK;
            });
            outer.end();
        });
        call.requireAwaitedBy(engine::close);
        assertThat(call.failure()).isNull();
        assertThat(seen.get()).isIn("amx", "avx512bf16", "avx512", "avx2", "generic");
    }

    @Test
    void severalThreadsShareOneEngine() throws InterruptedException {
        try (Device cpu = Devices.cpu(2)) {
            ElementwiseOp op = cpu.operation(ElementwiseOp.class);
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Runnable work = () -> {
                try (Scope scope = cpu.openScope("worker")) {
                    Tensor x = scope.f32("x", 200_000);
                    for (int i = 0; i < 50; i++) {
                        x.fill(1f);
                        op.scale(3f, x, x);
                        op.addScaled(2f, scope.zeros("zeros", 200_000), x);
                        float[] values = x.toFloats();
                        assertThat(values[0]).isEqualTo(3f);
                        assertThat(values[199_999]).isEqualTo(3f);
                        scope.reset();
                        x = scope.f32("x", 200_000);
                    }
                } catch (RuntimeException | Error e) {
                    failure.set(e);
                }
            };
            List<Thread> threads = List.of(new Thread(work), new Thread(work), new Thread(work));
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertThat(failure.get()).isNull();
        }
    }

    @Test
    void aFailedCallNamesItself() {
        Engine engine = Engine.start(1);
        try {
            assertThatThrownBy(() -> engine.run("linear forward", handle -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("linear forward: invalid argument");
        } finally {
            engine.close();
        }
    }
}
