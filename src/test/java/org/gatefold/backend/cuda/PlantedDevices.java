package org.gatefold.backend.cuda;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.device.Backend;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.DeviceOptions;

/**
 * For tests: a CUDA device for each of some planted mistakes, by the names {@code PREFIX + MISTAKE}. Listed only while
 * {@code -Dgatefold.mutants=true}. Stateless.
 */
public abstract class PlantedDevices<M extends Enum<M>> implements Backend {
    public static final String PROPERTY = "gatefold.mutants";
    private static final int BEHIND_ALL_OTHERS = -100;

    private final String prefix;
    private final Class<M> mistakes;

    protected PlantedDevices(String prefix, Class<M> mistakes) {
        this.prefix = prefix;
        this.mistakes = mistakes;
    }

    /** True if the libraries that the devices take are there. */
    public boolean available() {
        return CudaLibraries.load().isEmpty();
    }

    /** A session of the device whose name is given, with this mistake. */
    protected abstract Session open(String device, M mistake);

    @Override
    public final String name() {
        return prefix + "planted";
    }

    @Override
    public final int rank() {
        return BEHIND_ALL_OTHERS;
    }

    @Override
    public final boolean mayServe(String device) {
        return device.startsWith(prefix);
    }

    @Override
    public final List<DeviceInfo> devices() {
        if (!Boolean.getBoolean(PROPERTY) || !available()) {
            return List.of();
        }
        return Arrays.stream(mistakes.getEnumConstants())
                .map(mistake -> new DeviceInfo(prefix + mistake, name(), "planted mistake", Optional.empty(), false))
                .toList();
    }

    @Override
    public final Session open(String device, DeviceOptions options) {
        return open(device, Enum.valueOf(mistakes, device.substring(prefix.length())));
    }
}
