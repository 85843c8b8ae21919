package org.gatefold.backend.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;
import org.gatefold.backend.cuda.driver.CudaContext;
import org.gatefold.backend.cuda.driver.CudaStatus;
import org.gatefold.backend.cuda.kernel.KernelSources;
import org.gatefold.backend.cuda.library.CudaLibraries;
import org.gatefold.device.Backend;
import org.gatefold.device.DeviceInfo;
import org.gatefold.device.DeviceOptions;

/** Serves {@code cuda:0}, {@code cuda:1}, ... where JCuda, the CUDA libraries and a driver are there. Thread-safe. */
public final class CudaBackend implements Backend {
    private static final String PREFIX = "cuda:";

    @Override
    public String name() {
        return "cuda";
    }

    @Override
    public int rank() {
        return 300;
    }

    @Override
    public boolean mayServe(String device) {
        return device.matches(PREFIX + "\\d{1,4}");
    }

    @Override
    public List<DeviceInfo> devices() {
        Optional<String> missing = CudaLibraries.load();
        if (missing.isPresent()) {
            return List.of(new DeviceInfo(PREFIX + 0, name(), "NVIDIA GPU", missing));
        }
        return Found.list(name());
    }

    @Override
    public Session open(String device, DeviceOptions options) {
        return new CudaSession(
                device,
                Integer.parseInt(device.substring(PREFIX.length())),
                new KernelSources(UnaryOperator.identity()));
    }

    /** Touches JCuda's classes; apart, so that the backend can be asked without them. */
    private static final class Found {
        private Found() {}

        static List<DeviceInfo> list(String backend) {
            int[] count = new int[1];
            CudaStatus.check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(count));
            if (count[0] == 0) {
                return List.of(new DeviceInfo(
                        PREFIX + 0, backend, "NVIDIA GPU", Optional.of("the driver sees no GPU: look at nvidia-smi")));
            }
            String without = CudaLibraries.loadCudnn()
                    .map(reason -> "; works, but without cuda.cudnn: " + reason)
                    .orElse("");
            List<DeviceInfo> found = new ArrayList<>();
            for (int ordinal = 0; ordinal < count[0]; ordinal++) {
                CUdevice device = new CUdevice();
                CudaStatus.check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
                String card = CudaContext.deviceName(device);
                // Test equipment is opened by name only.
                boolean automatic = !CudaContext.isSimulated(card);
                String description = card + without;
                found.add(new DeviceInfo(PREFIX + ordinal, backend, description, Optional.empty(), automatic));
            }
            return found;
        }
    }
}
