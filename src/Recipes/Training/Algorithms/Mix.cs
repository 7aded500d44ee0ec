using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Mixup, cutmix, or one of them by a fair coin for each batch; the stream is "mix".</summary>
/// <param name="mixup">α of mixup's Beta(α, α); 0 is off.</param>
/// <param name="cutMix">α of cutmix's Beta(α, α); 0 is off.</param>
public sealed class Mix(double mixup, double cutMix) : ITrainingAlgorithm
{
    /// <inheritdoc/>
    public string Name => $"mix {mixup} {cutMix}";

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainState state)
    {
        if (moment != TrainingEvent.BatchReady)
            return;
        var rng = state.Stream("mix");
        var partners = tensor([.. rng.Permutation((int)state.Inputs.shape[0]).Select(i => (long)i)], device: state.Inputs.device);
        var targets = LabelSmoothing.Smooth(state.Targets, state.Classes, 0);
        var cut = cutMix > 0 && (mixup <= 0 || rng.NextBool());
        var lambda = Mixing.Beta(cut ? cutMix : mixup, ref rng);
        (state.Inputs, state.Targets) = cut
            ? Mixing.CutMix(
                state.Inputs,
                targets,
                partners,
                Mixing.Box((int)state.Inputs.shape[2], (int)state.Inputs.shape[3], lambda, ref rng)
            )
            : Mixing.Mixup(state.Inputs, targets, partners, lambda);
    }
}
