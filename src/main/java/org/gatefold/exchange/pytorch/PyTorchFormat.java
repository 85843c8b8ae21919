package org.gatefold.exchange.pytorch;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.gatefold.exchange.CheckpointException;
import org.gatefold.exchange.GatefoldFormat;
import org.gatefold.exchange.ModelFormat;
import org.gatefold.exchange.OptionalLibrary;
import org.gatefold.exchange.SafetensorsFiles;
import org.gatefold.exchange.TensorFile;
import org.gatefold.file.Archive;
import org.gatefold.file.AtomicFile;
import org.gatefold.file.FileException;
import org.gatefold.file.Safetensors;
import org.gatefold.model.Model;

/** State dicts of PyTorch's, {@link StateDict}, among the other kinds of model files: weights alone, for a network that is named. */
public final class PyTorchFormat implements ModelFormat {
    private static final String SAFETENSORS = ".safetensors";

    @Override
    public String name() {
        return "pytorch";
    }

    @Override
    public String title() {
        return "a PyTorch state dict";
    }

    /** A name that ends in .safetensors is Gatefold's own unless this format is named. */
    @Override
    public List<String> endings() {
        return List.of(".pt", ".pth");
    }

    @Override
    public boolean recognises(Path file, byte[] head) {
        if (GatefoldFormat.isSafetensors(head)
                || SafetensorsFiles.isIndex(file)
                || isBarePickle(head)
                || (isZip(head) && endings().stream().anyMatch(lowerCase(file)::endsWith))) {
            return true;
        }
        if (!isZip(head)) {
            return false;
        }
        try (Archive archive = Archive.open(file)) {
            return TorchArchive.folder(archive) != null;
        } catch (FileException | IOException e) {
            return false;
        }
    }

    private static String lowerCase(Path file) {
        return String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    }

    private static boolean isZip(byte[] head) {
        return head.length > 3 && head[0] == 'P' && head[1] == 'K' && head[2] == 3 && head[3] == 4;
    }

    /** Protocol 2 or later. */
    private static boolean isBarePickle(byte[] head) {
        return head.length > 1 && head[0] == (byte) 0x80 && head[1] >= 2 && head[1] <= 5;
    }

    @Override
    public String describe(Path file) {
        return OptionalLibrary.with(StateDict.LIBRARY, file, () -> {
            try (TensorFile tensors = StateDict.open(file)) {
                return tensors.describe();
            }
        });
    }

    @Override
    public void loadWeights(Model model, Path file) {
        loadWeights(model, file, Map.of());
    }

    @Override
    public void loadWeights(Model model, Path file, Map<String, String> names) {
        OptionalLibrary.with(StateDict.LIBRARY, file, () -> {
            StateDict.load(model, file, names);
            return file;
        });
    }

    @Override
    public void save(Model model, Path file, Map<String, String> metadata) {
        OptionalLibrary.with("", file, () -> {
            List<Safetensors.Source> tensors = StateDict.of(model);
            AtomicFile.write(file, out -> {
                if (lowerCase(file).endsWith(SAFETENSORS)) {
                    Safetensors.write(out, Map.of("format", "pt"), tensors);
                } else {
                    TorchWriter.write(out, tensors);
                }
            });
            return file;
        });
    }

    /** @throws CheckpointException if a file is of the form that PyTorch had before its version 1.6 */
    static void requireArchive(Path file, byte[] head) {
        if (isBarePickle(head)) {
            byte[] magic = {
                (byte) 0x8a,
                0x0a,
                0x6c,
                (byte) 0xfc,
                (byte) 0x9c,
                0x46,
                (byte) 0xf9,
                0x20,
                0x6a,
                (byte) 0xa8,
                0x50,
                0x19
            };
            boolean legacy = head.length >= 14 && Arrays.equals(magic, 0, 12, head, 2, 14);
            throw new CheckpointException(file + ": is "
                    + (legacy ? "in the format that PyTorch had before version 1.6" : "a bare pickle")
                    + ", which is not read; load it there and write it again: torch.save(model.state_dict(), FILE)");
        }
    }
}
