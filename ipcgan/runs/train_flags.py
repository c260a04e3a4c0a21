"""The flags of age_lsgan_transfer.py: the authors' names, and what is new."""

import dataclasses

from absl import flags, logging

from ipcgan import age_groups, config
from ipcgan.objectives.recipes import IPCGANRecipe
from ipcgan.runs import flag_groups

_RECIPE_HELP = {
    "gan_loss_weight": "Of the adversarial term, in both networks.",
    "fea_loss_weight": "Of the identity term: the squared distance of "
    "--fea_layer_name's features, summed. 0.5e-4 means as much here as published: the "
    "face AlexNet stores a scale by which two strangers' term is about 48.",
    "age_loss_weight": "Of the age classifier's cross entropy.",
    "judge_smoothing": "Aid: how often a filter of 3 pixels smooths the faces that the "
    "face AlexNet is shown, so that a generator gains nothing by grids and dots; 2 is "
    "much like a blur of one pixel.",
    "discriminator_learning_rate": "Aid: of Adam, for the discriminator; 0: that of "
    "--learning_rate.",
    "years_loss_weight": "Aid: of the squared error of the age that the face AlexNet "
    "reads from an aged face, in decades, against what it reads from real faces of the "
    "target group; 0: none. Needs an AlexNet pretrained with --task=years; it keeps "
    "the groups in order, also those in between.",
    "descriptor_loss_weight": "Aid: of the squared distance between the descriptors "
    "that the face AlexNet reads from an aged face and from its source; 0: none. Needs "
    "an AlexNet pretrained with --task=distill; conv5 sees the picture more than the "
    "person.",
    "tv_loss_weight": "Of the total variation of the aged face; 0: none. (In the "
    "authors' code the flag had no effect.)",
    "learning_rate": "Of Adam in the ageing stage. The authors' constant 1e-3 is for "
    "batches of 32; 3e-4 trained stably on real faces at 8 a step.",
    "reconstruction_loss_weight": "Aid: of the mean difference of pixels where the "
    "target is the face's own group; 0: none. 50 keeps background and eyes.",
    "tone_loss_weight": "Aid: of the mean difference of colour between an aged face "
    "and its source, in blocks of 16 pixels; 0: none. 100 keeps skin tone, light and "
    "background, which the other terms leave free.",
    "chroma_loss_weight": "Aid: of the mean difference of colour, brightness left out, "
    "between an aged face and its source, pixel by pixel; 0: none. 100 keeps tints and "
    "coloured dots away.",
    "own_group_share": "Aid: share of targets that are the face's own group, beside "
    "the 1 in 5 by chance.",
    "warm_start_steps": "Aid: first steps in which the generator only learns to copy; "
    "part of --max_steps.",
    "settle_steps": "Aid: steps after them in which it copies with batch "
    "normalization's moving statistics, which stay from then on. Small batches' own "
    "statistics blur and tint; part of --max_steps.",
    "fixed_statistics_steps": "Aid: last steps in which the generator ages with batch "
    "normalization's moving statistics, as it does when it is used; part of "
    "--max_steps. All of them after --settle_steps.",
    "warm_start_learning_rate": "Of Adam in the warm start; falls to a twentieth. "
    "Half of it while settling.",
    "average_momentum": "Aid: momentum of the moving average of the generator that "
    "samples and test.py use; 0: the newest weights themselves.",
}
# Flags of the authors' programs that had no effect there and have none here.
_WITHOUT_EFFECT = ("noise_dim", "feature_size", "model_index", "source_checkpoint_dir")


def define(values: flags.FlagValues) -> None:
    """Declares the flags that only training has."""
    default = config.TrainConfig()
    recipe = IPCGANRecipe()
    flags.DEFINE_enum(
        "family",
        default.family,
        config.FAMILY_NAMES,
        "Which model family to train.",
        flag_values=values,
    )
    for name, text in _RECIPE_HELP.items():
        value = getattr(recipe, name)
        define = flags.DEFINE_integer if isinstance(value, int) else flags.DEFINE_float
        define(name, value, text, lower_bound=0, flag_values=values)
    flags.DEFINE_bool(
        "learning_rate_decay",
        recipe.learning_rate_decay,
        "Aid: let --learning_rate fall to a twentieth, as a cosine over the run; the "
        "generator's first rises for 200 steps.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "fea_layer_name",
        recipe.fea_layer_name,
        config.FEATURE_LAYERS,
        "Layer of the face AlexNet whose features hold the identity.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "image_size",
        128,
        "Pixels of height and width of the faces; a multiple of 4.",
        lower_bound=4,
        upper_bound=1024,
        flag_values=values,
    )
    flags.DEFINE_integer(
        "age_groups",
        len(age_groups.NAMES),
        "Number of age groups: those of CACD.",
        lower_bound=len(age_groups.NAMES),
        upper_bound=len(age_groups.NAMES),
        flag_values=values,
    )
    flags.DEFINE_bool(
        "legacy_discriminator",
        False,
        "The authors' 512-channel logits instead of a patch discriminator's one.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "discriminator_norm",
        "batch",
        config.DISCRIMINATOR_NORMS,
        "batch as published. Aids: spectral or none, which do not hide from the "
        "discriminator what all generated faces have in common, such as a tint.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "discriminator_input",
        "image",
        config.DISCRIMINATOR_INPUTS,
        "image as published. Aid: features of the face AlexNet (three of its layers), "
        "by which the discriminator knows faces and ages from the first step on; a "
        "step takes three quarters of the time.",
        flag_values=values,
    )
    flags.DEFINE_enum(
        "generator_output",
        "image",
        config.GENERATOR_OUTPUTS,
        "image as published. Aid: change, by which the generator's output is added to "
        "its input: what does not age stays as sharp as it was, and no copying has to "
        "be learnt first.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "change_smoothing",
        1,
        "Of --generator_output=change: how often a filter of 3 pixels smooths the "
        "change. 4, much like a blur of 1.4 pixels, leaves no grid.",
        lower_bound=1,
        upper_bound=16,
        flag_values=values,
    )
    for name, text in (
        ("alexnet_pretrained_model", "Folder of the face AlexNet: the identity term."),
        (
            "age_pretrained_model",
            "Folder of a face AlexNet whose age head to use instead; by default the "
            "same.",
        ),
    ):
        value = getattr(default, name)
        flags.DEFINE_string(name, value, text, flag_values=values)
    flags.DEFINE_string(
        "sample_dir",
        default.run.sample_dir,
        "Folder of the sample grids; by default samples/ in --checkpoint_dir.",
        flag_values=values,
    )
    flags.DEFINE_integer(
        "sample_interval",
        default.run.sample_interval,
        "Steps between sample grids.",
        lower_bound=1,
        flag_values=values,
    )
    for name in _WITHOUT_EFFECT:
        flags.DEFINE_string(
            name, None, "Without effect, as in the authors' code.", flag_values=values
        )


def train_config(values: flags.FlagValues) -> config.TrainConfig:
    """Returns what the flags say; warns of those without effect."""
    for name in _WITHOUT_EFFECT:
        if values[name].present:
            logging.warning("--%s has no effect, as in the authors' code.", name)
    recipe = {f.name: values[f.name].value for f in dataclasses.fields(IPCGANRecipe)}
    return config.TrainConfig(
        data=flag_groups.data_config(values),
        run=flag_groups.run_config(
            values,
            sample_dir=values.sample_dir,
            sample_interval=values.sample_interval,
        ),
        family=values.family,
        sizes={
            "image_size": values.image_size,
            "logit_channels": 512 if values.legacy_discriminator else 1,
            "discriminator_norm": values.discriminator_norm,
            "discriminator_input": values.discriminator_input,
            "generator_output": values.generator_output,
            "change_smoothing": values.change_smoothing,
        },
        recipe=recipe,
        alexnet_pretrained_model=values.alexnet_pretrained_model,
        age_pretrained_model=values.age_pretrained_model,
    )
