"""What --help says of the numbers in objectives.recipes, by their names."""

RECIPE_HELP = {
    "gan_loss_weight": "Of the adversarial term, in both networks.",
    "gradient_penalty_weight": "Of half the squared gradient of the discriminator's "
    "logit at real faces (R1); 0: none. IPCGAN: an aid, off, for "
    "--discriminator=residual.",
    "augmentation": "Aid: how much colours and frames of the faces that the "
    "discriminator sees are changed, at random; 0: not at all, 1: brightness by up to "
    "0.3 of [-1, 1], contrast by 0.3, saturation by 0.5, place by 6 % of the width.",
    "fea_loss_weight": "Of the identity term: the squared distance of "
    "--fea_layer_name's features, summed. 0.5e-4 means as much here as published: the "
    "face AlexNet stores a scale by which two strangers' term is about 48.",
    "age_loss_weight": "Of the age classifier's cross entropy.",
    "judge_smoothing": "Aid: how often a filter of 3 pixels smooths the faces that the "
    "face AlexNet is shown, so that a generator gains nothing by grids and dots; 2 is "
    "much like a blur of one pixel.",
    "judge_jitter": "Aid: the face AlexNet sees each face and its aged one zoomed and "
    "moved by up to this share of their width, anew at each step, so that a generator "
    "gains nothing by what holds at one place only; 0: as they are.",
    "discriminator_learning_rate": "Aid: of Adam, for the discriminator; 0: that of "
    "--learning_rate.",
    "years_loss_weight": "Aid: of the squared error of the age that the face AlexNet "
    "reads from an aged face, in decades, against what it reads from real faces of the "
    "target group; 0: none. Needs an AlexNet pretrained with --task=years; it keeps "
    "the groups in order, also those in between.",
    "years_overshoot": "Aid: of that term: the read age shall change by this share "
    "more than from what is read from the source to what is read from real faces of "
    "the target group; 0: none. A generator learns to please the network that reads; "
    "others see less of the change that it makes.",
    "descriptor_loss_weight": "Aid: of the squared distance between the descriptors "
    "that the face AlexNet reads from an aged face and from its source; 0: none. Needs "
    "an AlexNet pretrained with --task=distill; conv5 sees the picture more than the "
    "person.",
    "descriptor_margin": "Aid: of that term: the squared distance that a descriptor "
    "may move for nothing, so that the term is about those who are hardly recognised "
    "any more; Dlib takes two faces for one person up to 0.36.",
    "gender_loss_weight": "Aid: of how far the gender that is read from an aged face "
    "has moved from that of its source (Kullback-Leibler, in nats); 0: none. Needs an "
    "--age_pretrained_model or AlexNet pretrained with --task=gender.",
    "tv_loss_weight": "Of the total variation of the aged face; 0: none. (In the "
    "authors' code the flag had no effect.)",
    "learning_rate": "Of Adam. IPCGAN: in the ageing stage; the authors' constant 1e-3 "
    "is for batches of 32, and 3e-4 trained stably on real faces at 8 a step. "
    "Age-cGAN: of generator and discriminator, as DCGAN's. RAGAN: as published.",
    "reconstruction_loss_weight": "Of the mean difference of pixels where the target "
    "is the face's own group; 0: none. IPCGAN: an aid; 50 keeps background and eyes. "
    "RAGAN: in the first part of the steps.",
    "late_reconstruction_loss_weight": "The same in the other steps.",
    "early_share": "Share of --max_steps that is the first part.",
    "cycle_loss_weight": "Of the mean difference of pixels between a face and itself "
    "aged and aged back; 0: none.",
    "segmentation_share": "Share of the faces with a segmentation map that are shown "
    "with it; the others are shown with the ellipse of --face_mask, by which faces are "
    "aged later.",
    "tone_loss_weight": "Aid: of the mean difference of colour between an aged face "
    "and its source, in blocks of 16 pixels; 0: none. 100 keeps skin tone, light and "
    "background, which the other terms leave free.",
    "chroma_loss_weight": "Aid: of the mean difference of colour, brightness left out, "
    "between an aged face and its source, pixel by pixel; 0: none. 100 keeps tints and "
    "coloured dots away.",
    "own_group_share": "Aid: share of targets that are the face's own group, beside "
    "the 1 in 5 by chance.",
    "fixed_statistics_steps": "Aid: last steps in which the generator ages with batch "
    "normalization's moving statistics, as it does when it is used; part of "
    "--max_steps.",
    "average_momentum": "Momentum of the moving average of the generator that "
    "samples and test.py use; 0: the newest weights themselves.",
    "encoder_pairs": "Pairs of a latent vector and its face, each drawn once, that the "
    "encoder is trained on after the generator.",
    "encoder_learning_rate": "Of Adam, for the encoder; falls to a twentieth.",
    "real_label": "Aid: what the discriminator learns for real faces; 0.9 is one-sided "
    "label smoothing, by which it is never sure.",
    "mismatched_loss_weight": "Aid: of real faces that are shown to the discriminator "
    "with a wrong age group; 0: none. 1 makes it look at the age. RAGAN: the group "
    "that the face shall be aged to, so that doing nothing is told from ageing.",
}
