package org.gatefold.exchange.deeplearning4j;

import com.google.errorprone.annotations.MustBeClosed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.gatefold.device.Device;
import org.gatefold.exchange.ModelFormat;
import org.gatefold.file.Archive;
import org.gatefold.file.FileException;
import org.gatefold.model.Model;
import org.gatefold.model.Network;

/** Models of Deeplearning4j's, {@link DeepLearning4jModel}, among the other kinds of model files. */
public final class DeepLearning4jFormat implements ModelFormat {
    @Override
    public String name() {
        return "deeplearning4j";
    }

    @Override
    public String title() {
        return "a Deeplearning4j model";
    }

    /** None is written. */
    @Override
    public List<String> endings() {
        return List.of();
    }

    @Override
    public boolean recognises(Path file, byte[] head) {
        if (head.length < 4 || head[0] != 'P' || head[1] != 'K' || head[2] != 3 || head[3] != 4) {
            return false;
        }
        try (Archive archive = Archive.open(file)) {
            return archive.contains(DeepLearning4jModel.CONFIGURATION);
        } catch (FileException | IOException e) {
            return false;
        }
    }

    @Override
    public String describe(Path file) {
        return DeepLearning4jModel.read(file).describe();
    }

    @Override
    public Network network(Path file) {
        return DeepLearning4jModel.network(file);
    }

    @Override
    @MustBeClosed
    public Model load(Device device, Path file) {
        return DeepLearning4jModel.read(file).load(device);
    }
}
