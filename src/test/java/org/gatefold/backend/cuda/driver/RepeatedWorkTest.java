package org.gatefold.backend.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.Pointer;
import jcuda.driver.CUevent;
import jcuda.driver.CUresult;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Work that is held back and does not go on as before, on a simulated driver that fails when it is told to. */
class RepeatedWorkTest {
    private static final int WORDS = 16;
    private static final int LAYERS_KEPT = 256;
    private static final int CELLS = 64;

    private CudaContext context;
    private RepeatedWork repeated;
    private GraphCache layers;
    private Scratch memory;
    private long address;

    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "failures are those of the simulated device");
        SimulatedDevice.load();
        assertThat(CudaLibraries.load()).isEmpty();
    }

    @BeforeEach
    void open() {
        SimulatedDevice.setOption("async", "delayed");
        context = new CudaContext(0);
        repeated = context.repeated();
        layers = new GraphCache(context);
        memory = new Scratch(context);
        address = memory.atLeast(4 * WORDS * 4L);
        SimulatedDevice.resetCounts();
    }

    @AfterEach
    void closeAndFindNothingLeft() {
        SimulatedDevice.setOption("async", "thread");
        layers.close();
        memory.close();
        context.close();
        assertThat(SimulatedDevice.findings()).isEmpty();
    }

    private static JsonObject graphs() {
        return JsonParser.parseString(SimulatedDevice.counts())
                .getAsJsonObject()
                .getAsJsonObject("graphs");
    }

    private void fill(int which, int value) {
        fill(context.stream(), which, value);
    }

    private void fill(CUstream stream, int which, int value) {
        context.fill(stream, address + 4L * which * WORDS, value, WORDS);
    }

    /** Steps of a layer, which fill by the context as kernels are launched by it. */
    private void layer(long key, int value) {
        layers.run(List.of(key), context.stream(), stream -> fill(stream, 0, value));
    }

    private void step(Runnable work) {
        repeated.begin();
        work.run();
        repeated.end();
    }

    private int[] values() {
        int[] values = new int[4];
        ByteBuffer bytes = ByteBuffer.allocateDirect(4 * WORDS * 4).order(ByteOrder.nativeOrder());
        context.synchronize();
        CudaStatus.check(
                "cuMemcpyDtoH", JCudaDriver.cuMemcpyDtoH(Pointer.to(bytes), Addresses.device(address), 4 * WORDS * 4L));
        for (int i = 0; i < 4; i++) {
            values[i] = bytes.getInt(i * WORDS * 4);
        }
        return values;
    }

    /** A layer's graph that was given up meanwhile, and another's that gives way to it, for which the host waits. */
    @Test
    void theEndOfAStepIsBehindAllOfIt() {
        CUevent own = new CUevent();
        CudaStatus.check("cuEventCreate", JCudaDriver.cuEventCreate(own, 0));
        Runnable begins = () -> {
            layer(0, 5);
            fill(1, 6);
        };
        step(begins);
        step(begins);
        for (long key = 1; key <= LAYERS_KEPT; key++) {
            layer(key, 7);
            layer(key, 7);
        }
        assertThat(graphs().get("made").getAsLong()).isGreaterThan(LAYERS_KEPT);
        CUevent[] end = new CUevent[1];
        step(() -> {
            begins.run();
            end[0] = repeated.passed(own);
            fill(2, 8);
        });
        CudaStatus.check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(end[0]));
        assertThat(JCudaDriver.cuStreamQuery(context.stream())).isEqualTo(CUresult.CUDA_SUCCESS);
        assertThat(values()).startsWith(5, 6, 8);
        CudaStatus.check("cuEventDestroy", JCudaDriver.cuEventDestroy(own));
    }

    /** A layer whose graph is given up again and again submits by itself in every step: its work is in the step's graph once. */
    @Test
    void whatACommandSubmitsIsPartOfIt() {
        Runnable work = () -> {
            layer(0, 5);
            fill(1, 6);
        };
        for (int i = 0; i < 2; i++) {
            step(work);
            for (long key = 1; key <= LAYERS_KEPT; key++) {
                layer(key, 7);
            }
        }
        assertThat(repeated.obstacles()).isEmpty();
        assertThat(graphs().get("made").getAsLong()).isEqualTo(1);
        SimulatedDevice.resetCounts();
        step(work);
        context.synchronize();
        assertThat(graphs().get("launches").getAsLong()).isEqualTo(1);
        assertThat(graphs().get("nodes").getAsLong()).isEqualTo(2);
        assertThat(values()).startsWith(5, 6);
    }

    @Test
    void whatAnotherThreadCouldNotSubmitIsToldToTheOwner() {
        Runnable work = () -> {
            fill(0, 1);
            fill(1, 2);
        };
        step(work);
        step(work);
        List<ThrowingCallable> hearing = List.of(() -> fill(2, 3), repeated::end, repeated::begin);
        for (ThrowingCallable next : hearing) {
            repeated.begin();
            work.run();
            SimulatedDevice.setOption("fail", "cuMemsetD32Async:1");
            CompletableFuture.runAsync(() -> fill(3, 4)).join();
            assertThatThrownBy(next).hasMessageStartingWith("cuMemsetD32Async failed");
            repeated.end();
            assertThat(values()).endsWith(4);
        }
        SimulatedDevice.resetCounts();
        step(work);
        context.synchronize();
        assertThat(graphs().get("launches").getAsLong())
                .as("the next step is whole again")
                .isEqualTo(1);
    }

    @Test
    void whatCannotBeRecordedIsNotTriedForEver() {
        AtomicInteger attempts = new AtomicInteger();
        for (int i = 0; i < 20; i++) {
            step(() -> context.submit(context.stream(), () -> "what cannot be recorded", stream -> {}, stream -> {
                attempts.incrementAndGet();
                throw new CudaException("no");
            }));
        }
        assertThat(attempts).hasValue(2);
        assertThat(repeated.obstacles()).containsExactly("it cannot be recorded: no");
    }

    @Test
    void anotherTrainingIsLookedAtAnew() {
        for (int i = 0; i < 40; i++) {
            int value = i;
            step(() -> fill(0, value));
        }
        for (int i = 0; i < 3; i++) {
            step(() -> fill(0, -1));
        }
        assertThat(graphs().get("made").getAsLong()).isZero();
        repeated.lookAnew();
        for (int i = 0; i < 3; i++) {
            step(() -> fill(0, -1));
        }
        assertThat(graphs().get("made").getAsLong()).isEqualTo(1);
    }

    /** Their copies may be under way, and a step that wrote elsewhere is gone on with as it was. */
    @Test
    void cellsThatAreWrittenNoMoreServeOtherAddresses() {
        Scratch many = new Scratch(context);
        long to = many.atLeast((CELLS + 1) * 4L);
        try (PinnedCells cells = new PinnedCells(context)) {
            for (int i = 0; i < CELLS; i++) {
                assertThat(written(cells, to + i * 4L, i)).isTrue();
            }
            assertThat(written(cells, to + CELLS * 4L, 1)).isFalse();
            context.synchronize();
            assertThat(written(cells, to + CELLS * 4L, CELLS)).isTrue();
            context.synchronize();
            assertThat(written(cells, to, -1)).isTrue();
            context.synchronize();
            ByteBuffer bytes = ByteBuffer.allocateDirect((CELLS + 1) * 4).order(ByteOrder.nativeOrder());
            CudaStatus.check(
                    "cuMemcpyDtoH",
                    JCudaDriver.cuMemcpyDtoH(Pointer.to(bytes), Addresses.device(to), bytes.capacity()));
            for (int i = 0; i <= CELLS; i++) {
                assertThat(bytes.getInt(i * 4)).isEqualTo(i == 0 ? -1 : i);
            }
        } finally {
            many.close();
        }
    }

    private boolean written(PinnedCells cells, long to, int value) {
        boolean[] done = new boolean[1];
        repeated.lookAnew();
        step(() -> done[0] = cells.upload(to, 1, buffer -> buffer.putInt(0, value)));
        return done[0];
    }
}
