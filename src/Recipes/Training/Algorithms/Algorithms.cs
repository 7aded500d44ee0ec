namespace Recipes.Training;

/// <summary>The algorithms that a plan asks for.</summary>
public static class Algorithms
{
    /// <summary>In the order in which they act: resolution, smoothing, mixing, clipping.</summary>
    public static IReadOnlyList<ITrainingAlgorithm> Of(TrainPlan plan)
    {
        var list = new List<ITrainingAlgorithm>();
        if (plan.Progressive.Count > 0)
            list.Add(new ProgressiveResolution(plan.Progressive));
        if (plan.LabelSmoothing > 0)
            list.Add(new LabelSmoothing(plan.LabelSmoothing));
        if (plan.Mixup > 0 || plan.CutMix > 0)
            list.Add(new Mix(plan.Mixup, plan.CutMix));
        if (plan.ClipNorm is { } limit)
            list.Add(new ClipGradients(limit));
        return list;
    }
}
