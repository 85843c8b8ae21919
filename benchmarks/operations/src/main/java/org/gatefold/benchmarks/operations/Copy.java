package org.gatefold.benchmarks.operations;

import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Copies as many numbers as half of what a pass reads and writes, so that it moves as much: what memory gives at that size. */
final class Copy implements Side {
    private final Tensor from;
    private final Tensor to;

    Copy(double gigabytes) {
        long count = Math.round(gigabytes * 1e9 / Float.BYTES / 2);
        from = torch.ones(count);
        to = torch.zeros(count);
    }

    @Override
    public void run(Pass pass) {
        try (PointerScope pointers = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            to.copy_(from);
        }
    }

    @Override
    public Map<String, float[]> values(Pass pass) {
        return Map.of();
    }

    @Override
    public void close() {
        from.close();
        to.close();
    }
}
