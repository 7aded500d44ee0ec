using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Training;

/// <summary>Keeps the parameter <c>logit_scale</c> between 0 and ln(100) after each step (CLIP, arXiv 2103.00020, sec. 2.5; the lower end is open_clip's).</summary>
public sealed class LogitScaleClamp : ITrainingAlgorithm
{
    private static readonly double s_most = Math.Log(100);

    /// <inheritdoc/>
    public string Name => "logit scale from 1 to 100";

    /// <inheritdoc/>
    public void Handle(TrainingEvent moment, TrainState state)
    {
        if (moment != TrainingEvent.Stepped)
            return;
        using var _ = no_grad();
        foreach (var (_, parameter) in state.Module.named_parameters().Where(p => p.name is "logit_scale"))
            parameter.clamp_(0, s_most);
    }
}
