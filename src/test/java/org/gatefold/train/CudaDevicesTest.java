package org.gatefold.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.ArrayList;
import java.util.List;
import org.gatefold.data.Batches;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceGroup;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import org.gatefold.layer.basic.Linear;
import org.gatefold.layer.recurrent.Lstm;
import org.gatefold.model.Sequential;
import org.gatefold.simulator.SimulatedDevice;
import org.gatefold.train.loss.Loss;
import org.gatefold.train.optimizer.Adam;
import org.gatefold.train.report.StepReport;
import org.gatefold.train.report.TrainingListener;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Three simulated cards, on whose streams nothing happens until something waits for it: a wait that is missing shows. */
class CudaDevicesTest extends DevicesContract {
    @BeforeAll
    static void requireSimulator() {
        assumeTrue(SimulatedDevice.isBuilt(), "several cards are those of the simulated device");
        SimulatedDevice.load();
        SimulatedDevice.setOption("devices", "3");
        SimulatedDevice.setOption("async", "delayed");
    }

    @AfterAll
    static void restore() {
        if (SimulatedDevice.isBuilt()) {
            SimulatedDevice.setOption("devices", "1");
            SimulatedDevice.setOption("async", "thread");
        }
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the contract closes them
    List<Device> open() {
        return List.of(Devices.named("cuda:0"), Devices.named("cuda:1"), Devices.named("cuda:2"));
    }

    /** In every update a card takes the sums of the others, and their part of its own sum; no gradient passes through the host. */
    @Test
    void gradientsGoFromCardToCard() {
        List<String> steps = new ArrayList<>();
        long numbers;
        try (DeviceGroup cards = Devices.group(List.of("cuda:all"), DeviceOptions.defaults());
                Sequential model = Sequential.on(cards.first())
                        .seed(3)
                        .add(Lstm.of(5))
                        .add(Linear.of(1))
                        .build(1)) {
            assertThat(cards).hasToString("cuda:0,cuda:1,cuda:2");
            Trainer.of(model)
                    .loss(Loss.mse())
                    .optimizer(Adam.of(0.01f))
                    .devices(cards.list())
                    .listener(new TrainingListener() {
                        @Override
                        public void stepped(StepReport report) {
                            // All cards have submitted their copies, and the first has waited for its own.
                            cards.list().forEach(Device::synchronize);
                            steps.add(SimulatedDevice.counts());
                            SimulatedDevice.resetCounts();
                        }
                    })
                    .fit(Batches.of(Problems.sums(6, 1), 6), 4);
            // The padding behind the last parameter is left out.
            numbers = model.parameters().list().stream()
                    .mapToLong(
                            parameter -> parameter.offset() + parameter.shape().elements())
                    .max()
                    .orElseThrow();
        }
        for (String step : steps.subList(1, 4)) {
            JsonObject peer = JsonParser.parseString(step)
                    .getAsJsonObject()
                    .getAsJsonObject("copies")
                    .getAsJsonObject("peer");
            assertThat(peer.get("count").getAsLong()).isEqualTo(3 * 2 * 2);
            assertThat(peer.get("bytes").getAsLong()).isEqualTo(2 * 2 * numbers * Float.BYTES);
        }
        assertThat(SimulatedDevice.findings()).isEmpty();
    }

    @Test
    void cardsAreNamedOnceAndOfOneKind() {
        assertThatThrownBy(() -> open("cuda:0", "cuda:0")).hasMessage("devices: expected each once, got cuda:0 twice");
        assertThatThrownBy(() -> open("cuda:0", "cpu"))
                .hasMessage("devices: expected all of one kind, got cuda:0 and cpu");
        assertThatThrownBy(() -> open("cuda:0", "cuda:7")).hasMessageStartingWith("device: expected one of [");
        assertThatThrownBy(() -> open("cards:all")).hasMessageStartingWith("devices: expected one of the kinds [");
    }

    private static void open(String... names) {
        try (DeviceGroup group = Devices.group(List.of(names), DeviceOptions.defaults())) {
            assertThat(group).isNull();
        }
    }
}
