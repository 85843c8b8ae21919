package org.gatefold.benchmarks.libtorch;

import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.gatefold.benchmarks.contract.Placement;

/**
 * Where the module computes and in what its numbers stand; TF32 is a setting of the whole process.
 *
 * @param device held as long as the process lives
 */
record TorchPlace(Device device, ScalarType type) {
    private static final String HOST = "cpu";

    static TorchPlace host() {
        return new TorchPlace(new Device(HOST), ScalarType.Float);
    }

    static TorchPlace of(Placement placement) {
        boolean rounds = placement.precision() == Placement.Precision.TF32;
        torch.globalContext().setAllowTF32CuDNN(rounds);
        torch.globalContext().setAllowTF32CuBLAS(rounds);
        ScalarType type =
                switch (placement.precision()) {
                    case F32, TF32 -> ScalarType.Float;
                    case F16 -> ScalarType.Half;
                    case BF16 -> ScalarType.BFloat16;
                };
        return new TorchPlace(new Device(placement.device()), type);
    }

    Tensor tensor(float[] values, long... sizes) {
        return Tensor.create(values, sizes).to(device, type);
    }

    boolean onHost() {
        return device.is_cpu();
    }

    void synchronize() {
        if (!onHost()) {
            torch.cuda_synchronize();
        }
    }
}
