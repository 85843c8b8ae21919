package org.gatefold.backend.cuda.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.simulator.SimulatedDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a failure leaves behind, on a simulated driver that fails when it is told to. */
class GraphCacheTest {
    private static final List<Long> KEY = List.of(1L);

    private CudaContext context;
    private GraphCache graphs;
    private Scratch memory;
    private long address;
    private final List<CUstream> streams = new ArrayList<>();

    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "failures are those of the simulated device");
        SimulatedDevice.load();
        assertThat(CudaLibraries.load()).isEmpty();
    }

    @BeforeEach
    void open() {
        context = new CudaContext(0);
        graphs = new GraphCache(context);
        memory = new Scratch(context);
        address = memory.atLeast(64);
        SimulatedDevice.resetCounts();
    }

    @AfterEach
    void closeAndFindNothingLeft() {
        graphs.close();
        memory.close();
        context.close();
        assertThat(SimulatedDevice.findings()).isEmpty();
    }

    private void fill(CUstream stream) {
        streams.add(stream);
        CudaStatus.check("cuMemsetD32Async", JCudaDriver.cuMemsetD32Async(Addresses.device(address), 7, 16, stream));
    }

    private void run(Consumer<CUstream> work) {
        graphs.run(KEY, context.stream(), work);
    }

    private static JsonObject graphCounts() {
        return JsonParser.parseString(SimulatedDevice.counts())
                .getAsJsonObject()
                .getAsJsonObject("graphs");
    }

    private static void requireGraphs(int made, int launches) {
        assertThat(graphCounts().get("made").getAsInt()).isEqualTo(made);
        assertThat(graphCounts().get("launches").getAsInt()).isEqualTo(launches);
    }

    @Test
    void workIsSubmittedThenRecordedThenLaunched() {
        for (int i = 0; i < 4; i++) {
            run(this::fill);
        }
        context.synchronize();
        assertThat(streams).hasSize(2).first().isEqualTo(context.stream());
        requireGraphs(1, 3);
    }

    /** Libraries prepare themselves in a run that ends well: what failed runs directly again. */
    @Test
    void whatFailedAtFirstIsNotRecorded() {
        SimulatedDevice.setOption("fail", "cuMemsetD32Async:1");
        assertThatThrownBy(() -> run(this::fill)).hasMessageStartingWith("cuMemsetD32Async failed");
        run(this::fill);
        assertThat(streams).containsExactly(context.stream(), context.stream());
        run(this::fill);
        context.synchronize();
        requireGraphs(1, 1);
    }

    @Test
    void aGraphThatIsNotMadeExecutableIsDestroyed() {
        run(this::fill);
        SimulatedDevice.setOption("fail", "cuGraphInstantiateWithFlags:2");
        assertThatThrownBy(() -> run(this::fill))
                .isInstanceOf(CudaException.class)
                .hasMessageStartingWith("cuGraphInstantiate failed: CUDA_ERROR_OUT_OF_MEMORY (2)");
        run(this::fill);
        context.synchronize();
        requireGraphs(1, 1);
    }

    @Test
    void workThatFailsWhileItIsRecordedLeavesNothing() {
        run(this::fill);
        assertThatThrownBy(() -> run(stream -> {
                    fill(stream);
                    throw new IllegalStateException("no more");
                }))
                .hasMessage("no more");
        requireGraphs(0, 0);
        run(this::fill);
        context.synchronize();
        requireGraphs(1, 1);
    }
}
