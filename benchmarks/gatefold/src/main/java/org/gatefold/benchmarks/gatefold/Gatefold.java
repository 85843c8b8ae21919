package org.gatefold.benchmarks.gatefold;

import java.util.Optional;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LstmShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.recurrent.RecurrentOp;

/** Gatefold's preferred implementation of the LSTM on the CPU, in single precision. */
public class Gatefold implements Contestant {
    private final Precision precision;

    public Gatefold() {
        this(Precision.F32);
    }

    Gatefold(Precision precision) {
        this.precision = precision;
    }

    @Override
    public String version() {
        try (Device device = Devices.named("cpu")) {
            String version = Devices.class.getPackage().getImplementationVersion();
            return "Gatefold " + version + ", "
                    + device.operation(RecurrentOp.class).name() + ", " + device.description();
        }
    }

    @Override
    public Optional<String> declines(LstmShape shape, Pass pass) {
        try (Device device = Devices.named("cpu")) {
            return device.operation(RecurrentOp.class).unsupported(GatefoldModel.spec(shape, precision), mode(pass));
        }
    }

    private static Mode mode(Pass pass) {
        return pass == Pass.INFERENCE ? Mode.INFERENCE : Mode.TRAINING;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the model closes the device
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        GatefoldModel model =
                new GatefoldModel(Devices.named("cpu", new DeviceOptions(threads)), workload, precision, mode(pass));
        return switch (pass) {
            case INFERENCE -> new GatefoldInference(model);
            case TRAINING_PASS -> new GatefoldTrainingPass(model, workload);
            case TRAINING_STEP -> new GatefoldTrainingStep(model, workload);
        };
    }
}
