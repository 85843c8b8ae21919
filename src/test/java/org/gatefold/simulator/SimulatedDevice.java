package org.gatefold.simulator;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/**
 * Puts the simulated CUDA device of {@code native/simulator} into this process, and reads what it found and counted.
 *
 * <p>The libraries are loaded by absolute path before JCuda asks for them; the loader then takes them for the ones that
 * JCuda's natives name. There is one device in a process; all methods may be called from any thread.
 */
public final class SimulatedDevice {
    /** System property with the folder of the simulator's libraries; {@code target/native/simulator} where it is not set. */
    public static final String FOLDER_PROPERTY = "gatefold.simulator";

    private static final String KERNEL_CACHE_PROPERTY = "gatefold.cuda.cache";

    private static boolean loaded;

    private SimulatedDevice() {}

    /** The folder that holds the simulator's libraries. */
    public static Path folder() {
        return Path.of(System.getProperty(FOLDER_PROPERTY, "target/native/simulator"))
                .toAbsolutePath();
    }

    /** Whether the simulator has been built. */
    public static boolean isBuilt() {
        return Files.exists(folder().resolve("libcuda.so.1"));
    }

    /** {@link #load} where there is something to load: tests of CUDA skip themselves elsewhere. */
    public static void loadIfBuilt() {
        if (isBuilt()) {
            load();
        }
    }

    /**
     * Loads the driver, NVRTC and cuBLAS of the simulated device; does nothing when they are loaded. Must come before
     * the first use of JCuda in this process.
     *
     * @throws IllegalStateException if the simulator has not been built
     */
    public static synchronized void load() {
        if (loaded) {
            return;
        }
        if (!isBuilt()) {
            throw new IllegalStateException("the simulated device is not built: no libcuda.so.1 in " + folder());
        }
        for (String library :
                List.of("libcuda.so.1", "libnvrtc.so.12", "libcublas.so.12", "libgatefold_simulated_device.so")) {
            System.load(folder().resolve(library).toString());
        }
        // Kernels for the simulated device must not meet those for a card of the same architecture in one cache.
        if (System.getProperty(KERNEL_CACHE_PROPERTY) == null) {
            System.setProperty(
                    KERNEL_CACHE_PROPERTY, folder().resolve("kernels").toString());
        }
        loaded = true;
    }

    /**
     * Sets an option for work that starts from now on.
     *
     * @param name the environment variable's name in lower case without {@code GATEFOLD_SIM_}, such as {@code schedule}
     * @throws IllegalArgumentException if there is no such option or it has no such value
     */
    public static void setOption(String name, String value) {
        String error = setOption0(name, value);
        if (!error.isEmpty()) {
            throw new IllegalArgumentException(error);
        }
    }

    /** What the detectors found since the last {@link #clearFindings}, oldest first: kind, colon, description. */
    public static List<String> findings() {
        return List.of(findings0());
    }

    /** Forgets the findings; the error of a context that had one stays. */
    public static void clearFindings() {
        clearFindings0();
    }

    /**
     * Forgets the findings and gives the device a new context: after an error the old one is of no use any more, as on a
     * card. Only while nothing holds the device open.
     */
    public static void reset() {
        clearFindings();
        CUdevice device = new CUdevice();
        int status = JCudaDriver.cuDeviceGet(device, 0);
        if (status == CUresult.CUDA_SUCCESS) {
            status = JCudaDriver.cuDevicePrimaryCtxReset(device);
        }
        if (status != CUresult.CUDA_SUCCESS) {
            throw new IllegalStateException("the simulated device is not reset: " + CUresult.stringFor(status));
        }
    }

    /** Counts per kernel, of copies and of graphs since the last {@link #resetCounts}, as JSON. */
    public static String counts() {
        return counts0();
    }

    /** Sets all counts to zero. */
    public static void resetCounts() {
        resetCounts0();
    }

    /** How many allocations of device and pinned host memory are not freed, in all contexts. */
    public static long liveAllocations() {
        return liveAllocations0();
    }

    private static native String setOption0(String name, String value);

    private static native String[] findings0();

    private static native void clearFindings0();

    private static native String counts0();

    private static native void resetCounts0();

    private static native long liveAllocations0();
}
