package org.gatefold.tensor;

import java.lang.reflect.Proxy;

/** Tensors of any size that nothing may read or write, for checks that come before. */
public final class UnbackedTensor {
    private static final Owner OWNER = new Owner() {
        @Override
        public long epoch() {
            return 0;
        }

        @Override
        public boolean isKept() {
            return false;
        }

        @Override
        public void requireAlive(long epoch, String tensor) {}
    };

    private UnbackedTensor() {}

    public static Tensor of(String name, int... dimensions) {
        Block block = (Block) Proxy.newProxyInstance(
                UnbackedTensor.class.getClassLoader(), new Class<?>[] {Block.class}, (self, method, arguments) -> {
                    if (method.getName().equals("memory")) {
                        return "nowhere";
                    }
                    throw new AssertionError("there is no memory behind tensor " + name);
                });
        return new Tensor(name, Shape.of(dimensions), ElementType.F32, block, 0, OWNER);
    }
}
