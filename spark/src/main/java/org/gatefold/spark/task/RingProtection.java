package org.gatefold.spark.task;

import com.google.errorprone.annotations.MustBeClosed;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.apache.spark.SecurityManager;
import org.gatefold.train.parallel.RingSeat;

/**
 * Protects what workers tell each other as Spark does what its own processes do: where Spark authenticates them, only who knows its secret
 * can join; where it encrypts, by AES or TLS, the workers do. Stateless.
 */
public final class RingProtection {
    private static final String ALGORITHM = "HmacSHA256";

    private RingProtection() {}

    /**
     * A worker's place in a ring.
     *
     * @param drawn secret of the run, which has come with the task
     */
    @MustBeClosed
    public static RingSeat listen(SecurityManager spark, InetAddress here, byte[] drawn) {
        return RingSeat.listen(here, secret(spark, drawn), encrypts(spark));
    }

    /** Tasks travel in the clear where Spark does not encrypt; its own secret does not. */
    private static byte[] secret(SecurityManager spark, byte[] drawn) {
        if (!spark.isAuthenticationEnabled()) {
            return drawn.clone();
        }
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(spark.getSecretKey().getBytes(StandardCharsets.UTF_8), ALGORITHM));
            return mac.doFinal(drawn);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the JDK has no " + ALGORITHM, e);
        }
    }

    private static boolean encrypts(SecurityManager spark) {
        return spark.isEncryptionEnabled() || spark.isSslRpcEnabled();
    }
}
