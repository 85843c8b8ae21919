package org.gatefold.exchange;

import com.google.errorprone.annotations.MustBeClosed;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.gatefold.device.Device;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/**
 * A kind of file that models stand in, Gatefold's own or another system's: what it looks like, and what can be done with it. Found through
 * {@code META-INF/services}; {@link ModelFormats} asks those there are.
 *
 * <p>A format offers what it can; whatever it does not override is refused in one line that names file and reason. Implementations are
 * stateless and safe for many threads, and have a public constructor without arguments that loads no optional library.
 */
public interface ModelFormat {
    /** The word that names it on the command line, for instance {@code "keras"}. */
    String name();

    /** What it is called in sentences, for instance {@code "a Keras model"}. */
    String title();

    /** How names of files of this kind end, lower case, {@code ".keras"}; a file that is to be written gets its kind by that. */
    List<String> endings();

    /**
     * Whether a file is of this kind, as far as its beginning and its name tell; a damaged one is, too.
     *
     * @param head the first bytes of the file, {@value ModelFormats#HEAD} at most
     */
    boolean recognises(Path file, byte[] head);

    /** Whether a folder is a model of this kind; by default none is. */
    default boolean recognisesFolder(Path folder) {
        return false;
    }

    /**
     * What is in a file, in lines that end with a line break: layers where they are known, else tensors; by default the summary of the
     * network. Opens no device and takes no memory for weights where the format allows that.
     *
     * @throws org.gatefold.file.FileException if the file cannot be read
     */
    default String describe(Path file) {
        return network(file).summary();
    }

    /** The free text that was saved with a model, by key. */
    default Map<String, String> metadata(Path file) {
        return Map.of();
    }

    /**
     * The layers of the model in a file, without weights.
     *
     * @throws CheckpointException if files of this kind hold none, or ones that are not known here
     */
    default Network network(Path file) {
        throw new CheckpointException(
                file + ": " + title() + " holds weights alone, and not the layers; name a network that takes them");
    }

    /**
     * The model in a file.
     *
     * @throws CheckpointException if files of this kind hold no layers, or ones that are not known here
     */
    @MustBeClosed
    @SuppressWarnings("MustBeClosedChecker") // the caller closes it
    default Model load(Device device, Path file) {
        return Weights.filled(network(file).on(device).build(), model -> loadWeights(model, file));
    }

    /**
     * Writes the weights in a file to a model that has the same layers.
     *
     * @throws CheckpointException naming the first that does not fit
     */
    default void loadWeights(Model model, Path file) {
        throw new CheckpointException(file + ": the weights of " + title() + " cannot be read into another network");
    }

    /**
     * As {@link #loadWeights(Model, Path)}, where the names of layers differ.
     *
     * @param names of layers in the file by those in the model; the others are found as if there were no names
     * @throws CheckpointException if files of this kind are not read so
     */
    default void loadWeights(Model model, Path file, Map<String, String> names) {
        if (!names.isEmpty()) {
            throw new CheckpointException(file + ": the layers of " + title() + " cannot be named otherwise");
        }
        loadWeights(model, file);
    }

    /**
     * Writes a model to a file, which is replaced as a whole.
     *
     * @param metadata free text by key, left out where files of this kind have no room for it
     * @throws CheckpointException if it cannot be written, or naming the layer that files of this kind cannot hold
     */
    default void save(Model model, Path file, Map<String, String> metadata) {
        throw new CheckpointException(file + ": " + title() + " cannot be written");
    }
}
