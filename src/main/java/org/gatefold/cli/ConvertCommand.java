package org.gatefold.cli;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.exchange.ModelFormat;
import org.gatefold.exchange.ModelFormats;
import org.gatefold.exchange.Weights;
import org.gatefold.model.Model;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;

/** {@code gatefold convert}: reads a model of one system's and writes it as another's, and compares its outputs with given ones. */
@Command(
        name = "convert",
        description =
                "Reads a model of any known kind, another system's or one trained here, and writes it as another kind.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ConvertCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "IN", description = "The folder of a run, or a model file of any known kind.")
    private Path in;

    @Parameters(
            index = "1",
            paramLabel = "OUT",
            description = "The file to write, of the kind that its ending tells, or --to.")
    private Path out;

    @Option(
            names = "--to",
            paramLabel = "KIND",
            completionCandidates = Kinds.class,
            description = "What OUT is to be, whatever its ending: one of ${COMPLETION-CANDIDATES}.")
    private String to;

    @Option(
            names = "--network",
            paramLabel = "FILE",
            description = "A model file whose layers take the weights of IN; needed where IN holds weights alone.")
    private Path network;

    @Option(
            names = "--map",
            paramLabel = "LAYER=NAME",
            description =
                    "What a layer of --network is called in IN; repeated for several. By default layers are found by their names, or"
                            + " by order and shape.")
    private Map<String, String> names = Map.of();

    @Option(
            names = "--verify",
            arity = "2",
            paramLabel = "INPUTS.npz EXPECTED.npz",
            hideParamSyntax = true,
            description =
                    "Runs the model on arrays of NumPy's, batch first, by the names of its inputs (NAME.lengths for the valid steps"
                            + " of each row), and prints how far its outputs are from those expected.")
    private Path[] verify;

    @Mixin
    private DeviceOption device;

    /** Names of the kinds that there are. */
    static final class Kinds implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return ModelFormats.all().stream().map(ModelFormat::name).iterator();
        }
    }

    @Override
    public Integer call() {
        Path file = ModelParameter.file(in);
        ModelFormat from = ModelFormats.of(file);
        ModelFormat into = target();
        try (Device opened = device.open();
                Model model = model(from, opened, file)) {
            if (verify != null) {
                Verification.of(verify[0], verify[1]).run(model, out());
            }
            Map<String, String> metadata = from.metadata(file);
            into.save(model, out, metadata);
            out().println(out + ": " + into.title() + " of " + model.network().parameterCount() + " parameters, from "
                    + from.title());
        }
        return Main.DONE;
    }

    private ModelFormat target() {
        try {
            return to == null ? ModelFormats.byEnding(out) : ModelFormats.named(to);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec().commandLine(), (to == null ? "" : "--to: ") + e.getMessage(), e);
        }
    }

    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    private Model model(ModelFormat from, Device opened, Path file) {
        if (network == null) {
            if (!names.isEmpty()) {
                throw new ParameterException(spec().commandLine(), "--map: expected --network with it");
            }
            return from.load(opened, file);
        }
        Path described = ModelParameter.file(network);
        return Weights.filled(
                ModelFormats.of(described).network(described).on(opened).build(),
                model -> from.loadWeights(model, file, names));
    }
}
