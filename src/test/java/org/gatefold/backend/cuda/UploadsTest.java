package org.gatefold.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import org.gatefold.backend.cuda.UploadMutantBackend.Mistake;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaException;
import org.gatefold.backend.cuda.driver.CudaStatus;
import org.gatefold.backend.cuda.driver.CudaUploadMemory;
import org.gatefold.backend.cuda.driver.PinnedCopies;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.data.Batches;
import org.gatefold.data.Dataset;
import org.gatefold.device.Device;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.tensor.Block;
import org.gatefold.train.Trainer;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Sgd;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Copies run beside the work and are ordered with it: on a simulated device whose streams do nothing until something waits
 * for them, so that a wait which is missing shows.
 */
class UploadsTest {
    private static final int WORDS = 64;

    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "streams that wait are those of the simulated device");
        SimulatedDevice.load();
        assertThat(CudaLibraries.load()).isEmpty();
        System.setProperty(PlantedDevices.PROPERTY, "true");
        SimulatedDevice.setOption("async", "delayed");
        SimulatedDevice.setOption("log_findings", "0");
    }

    @AfterAll
    static void restore() {
        System.clearProperty(PlantedDevices.PROPERTY);
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("async", "thread");
            SimulatedDevice.setOption("log_findings", "1");
        }
    }

    /** After a finding the context is of no use any more, as on a card. */
    @AfterEach
    void resetDevice() {
        SimulatedDevice.reset();
    }

    private static float[] all(float value) {
        float[] values = new float[WORDS];
        Arrays.fill(values, value);
        return values;
    }

    private static void awaitUploads(CudaContext context) {
        CudaStatus.check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(context.uploads()));
    }

    private static float first(Block block) {
        float[] values = new float[WORDS];
        block.read(0, values, 0, WORDS);
        return values[0];
    }

    @Test
    void theNextBatchArrivesWhileTheWorkOnThisOneIsPending() {
        try (CudaContext context = new CudaContext(0);
                PinnedCopies staging = new PinnedCopies(context);
                CudaUploadMemory one = new CudaUploadMemory("cuda:0", context, staging);
                CudaUploadMemory other = new CudaUploadMemory("cuda:0", context, staging)) {
            Block now = one.allocate(WORDS * 4L);
            Block ahead = other.allocate(WORDS * 4L);
            Block result = one.allocate(WORDS * 4L);
            now.write(0, all(1), 0, WORDS);
            one.ready();
            result.copy(0, now, 0, WORDS * 4L);
            one.release();

            ahead.write(0, all(2), 0, WORDS);
            other.send();
            awaitUploads(context);
            assertThat(JCudaDriver.cuStreamQuery(context.stream()))
                    .as("the work is pending when the next upload is complete")
                    .isEqualTo(CUresult.CUDA_ERROR_NOT_READY);

            now.write(0, all(3), 0, WORDS);
            one.send();
            awaitUploads(context);
            assertThat(JCudaDriver.cuStreamQuery(context.stream()))
                    .as("an upload over what the work reads comes after it")
                    .isEqualTo(CUresult.CUDA_SUCCESS);
            assertThat(first(result)).isEqualTo(1f);
            one.ready();
            assertThat(first(now)).isEqualTo(3f);
            List.of(now, ahead, result).forEach(Block::free);
        }
    }

    /** What is gathered, what is too large for that, and what is filled with zeros in between. */
    @Test
    void allThatIsWrittenArrives() {
        int large = (1 << 20) + 5;
        float[] many = new float[large];
        for (int i = 0; i < large; i++) {
            many[i] = i;
        }
        try (CudaContext context = new CudaContext(0);
                PinnedCopies staging = new PinnedCopies(context);
                CudaUploadMemory memory = new CudaUploadMemory("cuda:0", context, staging)) {
            Block block = memory.allocate((large + 3L * WORDS) * 4);
            for (int filling = 0; filling < 3; filling++) {
                block.write(0, all(filling), 0, WORDS);
                block.write(WORDS * 4L, many, 0, large);
                block.fill((large + WORDS) * 4L, WORDS, Float.floatToRawIntBits(9f));
                block.write((large + 2L * WORDS) * 4, all(filling + 0.5f), 0, WORDS);
                memory.ready();
                float[] arrived = new float[large + 3 * WORDS];
                block.read(0, arrived, 0, arrived.length);
                memory.release();
                float[] expected = new float[arrived.length];
                Arrays.fill(expected, 0, WORDS, filling);
                System.arraycopy(many, 0, expected, WORDS, large);
                Arrays.fill(expected, large + WORDS, large + 2 * WORDS, 9f);
                Arrays.fill(expected, large + 2 * WORDS, expected.length, filling + 0.5f);
                assertThat(arrived).isEqualTo(expected);
            }
            block.free();
        }
    }

    /** Between what is gathered lies what was sent before. */
    @Test
    void whatIsLeftOutKeepsWhatIsThere() {
        try (CudaContext context = new CudaContext(0);
                PinnedCopies staging = new PinnedCopies(context);
                CudaUploadMemory memory = new CudaUploadMemory("cuda:0", context, staging)) {
            Block block = memory.allocate(3L * WORDS * 4);
            block.write(WORDS * 4L, all(2), 0, WORDS);
            block.write(0, all(1), 0, WORDS);
            block.write(2L * WORDS * 4, all(3), 0, WORDS);
            memory.ready();
            float[] arrived = new float[3 * WORDS];
            block.read(0, arrived, 0, arrived.length);
            memory.release();
            float[] expected = new float[arrived.length];
            for (int i = 0; i < 3; i++) {
                Arrays.fill(expected, i * WORDS, (i + 1) * WORDS, i + 1);
            }
            assertThat(arrived).isEqualTo(expected);
            block.free();
        }
    }

    private static List<Float> losses(Device device) {
        float[][][] inputs = new float[24][4][1];
        float[][] targets = new float[24][1];
        for (int row = 0; row < 24; row++) {
            for (int step = 0; step < 4; step++) {
                inputs[row][step][0] = (float) Math.sin(row * 5 + step);
            }
            targets[row][0] = (float) Math.cos(row * 3);
        }
        List<Float> losses = new ArrayList<>();
        try (Sequential model =
                Sequential.on(device).seed(3).add(Lstm.of(4)).add(Linear.of(1)).build(1)) {
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Sgd.of(0.1f))
                    .accumulate(4)
                    .listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            losses.add(report.loss());
                        }
                    })
                    .fit(Batches.of(Dataset.of(inputs).withTargets(targets), 2), 2);
        }
        return losses;
    }

    /** Differences from the reference, or what the simulated device found. */
    private static List<String> symptoms(Mistake mistake) {
        List<Float> expected;
        try (Device reference = Devices.named("reference")) {
            expected = losses(reference);
        }
        List<String> found = new ArrayList<>();
        try (Device device = Devices.named(UploadMutantBackend.PREFIX + mistake)) {
            List<Float> actual = losses(device);
            for (int i = 0; i < expected.size(); i++) {
                if (!(Math.abs(actual.get(i) - expected.get(i)) <= 1e-4f * expected.get(i))) {
                    found.add("loss " + i + ": " + actual.get(i) + " instead of " + expected.get(i));
                }
            }
        } catch (CudaException e) {
            assertThat(SimulatedDevice.findings()).isNotEmpty();
            return SimulatedDevice.findings();
        }
        return found;
    }

    @ParameterizedTest
    @EnumSource(value = Mistake.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void aForgottenWaitIsCaught(Mistake mistake) {
        assertThat(symptoms(mistake)).isNotEmpty();
    }

    @Test
    void orderedCopiesAreNotCaught() {
        assertThat(symptoms(Mistake.NONE)).isEmpty();
    }
}
