/** Steps that are one kernel each: product and gates together. */
package org.gatefold.backend.cuda.recurrent.fused;
