"""The textbook, measured: one claim per file, one line each in ``CLAIMS``."""

from neocog.claims import (
    adadelta_speed,
    adam_speed,
    ann_position,
    augmentation_tolerance,
    batch_norm_speed,
    cnn_beats_ann,
    convolution_equivariance,
    dropout_gap,
    momentum_speed,
    parallel_kernels,
    pooling_tolerance,
    relu_trains_deeper,
    residual_depth,
    rmsprop_speed,
    schedule_helps,
    sparse_connections,
    stacked_kernels,
    transfer_few,
    vanishing_gradients,
    weight_decay_helps,
    weight_sharing,
)
from neocog.claims.claim import Claim

CLAIMS: dict[str, Claim] = {
    "weight-sharing": weight_sharing.CLAIM,
    "convolution-equivariance": convolution_equivariance.CLAIM,
    "vanishing-gradients": vanishing_gradients.CLAIM,
    "cnn-beats-ann": cnn_beats_ann.CLAIM,
    "ann-position": ann_position.CLAIM,
    "pooling-tolerance": pooling_tolerance.CLAIM,
    "sparse-connections": sparse_connections.CLAIM,
    "relu-trains-deeper": relu_trains_deeper.CLAIM,
    "batch-norm-speed": batch_norm_speed.CLAIM,
    "dropout-gap": dropout_gap.CLAIM,
    "residual-depth": residual_depth.CLAIM,
    "augmentation-tolerance": augmentation_tolerance.CLAIM,
    "momentum-speed": momentum_speed.CLAIM,
    "schedule-helps": schedule_helps.CLAIM,
    "weight-decay-helps": weight_decay_helps.CLAIM,
    "adam-speed": adam_speed.CLAIM,
    "rmsprop-speed": rmsprop_speed.CLAIM,
    "adadelta-speed": adadelta_speed.CLAIM,
    "stacked-kernels": stacked_kernels.CLAIM,
    "parallel-kernels": parallel_kernels.CLAIM,
    "transfer-few": transfer_few.CLAIM,
}

__all__ = ["CLAIMS", "Claim"]
