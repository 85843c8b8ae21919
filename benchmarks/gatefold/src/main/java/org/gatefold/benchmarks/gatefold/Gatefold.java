package org.gatefold.benchmarks.gatefold;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.gatefold.benchmarks.contract.Cell;
import org.gatefold.benchmarks.contract.Contestant;
import org.gatefold.benchmarks.contract.LayerShape;
import org.gatefold.benchmarks.contract.Pass;
import org.gatefold.benchmarks.contract.Placement;
import org.gatefold.benchmarks.contract.PreparedPass;
import org.gatefold.benchmarks.contract.Workload;
import org.gatefold.device.Device;
import org.gatefold.device.DeviceOptions;
import org.gatefold.device.Devices;
import org.gatefold.op.Mode;
import org.gatefold.op.Precision;
import org.gatefold.op.plan.Choice;
import org.gatefold.op.recurrent.RecurrentOp;
import org.gatefold.op.recurrent.RecurrentSpec;

/**
 * One of Gatefold's implementations of recurrent layers, or the one that it chooses itself: by default in single precision on the CPU.
 */
public final class Gatefold implements Contestant {
    private final Placement placement;

    public Gatefold() {
        this(new Placement(GatefoldModel.HOST, "", Placement.Precision.F32));
    }

    public Gatefold(Placement placement) {
        this.placement = placement;
    }

    @Override
    public String version() {
        try (Device device = Devices.named(placement.device())) {
            String version = Devices.class.getPackage().getImplementationVersion();
            String name = placement.implementation().isEmpty()
                    ? device.operation(RecurrentOp.class).name()
                    : placement.implementation();
            return "Gatefold " + version + ", " + name + ", " + device.description();
        }
    }

    @Override
    public Set<Cell> cells() {
        return EnumSet.allOf(Cell.class);
    }

    @Override
    public Optional<String> declines(LayerShape shape, Pass pass) {
        try (Device device = Devices.named(placement.device())) {
            if (placement.implementation().isEmpty()) {
                return device.operation(RecurrentOp.class).unsupported(spec(shape), mode(pass));
            }
            Optional<RecurrentOp> op = named(device);
            return op.isPresent()
                    ? op.get().unsupported(spec(shape), mode(pass))
                    : Optional.of(device.name() + " has only " + names(device) + " here");
        }
    }

    private Optional<RecurrentOp> named(Device device) {
        return device.operations(RecurrentOp.class).stream()
                .filter(op -> op.name().equals(placement.implementation()))
                .findFirst();
    }

    private static List<String> names(Device device) {
        return device.operations(RecurrentOp.class).stream()
                .map(RecurrentOp::name)
                .toList();
    }

    private RecurrentSpec spec(LayerShape shape) {
        return GatefoldModel.spec(shape, Precision.valueOf(placement.precision().name()));
    }

    private static Mode mode(Pass pass) {
        return pass == Pass.INFERENCE ? Mode.INFERENCE : Mode.TRAINING;
    }

    @Override
    @SuppressWarnings("MustBeClosedChecker") // the model closes the device
    public PreparedPass prepare(Workload workload, Pass pass, int threads) {
        Device device = Devices.named(placement.device(), new DeviceOptions(threads));
        RecurrentSpec spec = spec(workload.shape());
        RecurrentOp op = named(device).orElseGet(() -> Choice.choose(device, RecurrentOp.FAMILY, spec, mode(pass)));
        GatefoldModel model = new GatefoldModel(device, op, workload, spec, mode(pass));
        return switch (pass) {
            case INFERENCE -> new GatefoldInference(model);
            case TRAINING_PASS -> new GatefoldTrainingPass(model, workload);
            case TRAINING_STEP -> new GatefoldTrainingStep(model, workload);
        };
    }
}
