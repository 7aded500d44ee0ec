using Recipes.Data;
using Recipes.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Recipes.Verbs;

/// <summary>Teachers as a reinforced set remembers them; nothing but the images of that set can be asked about.</summary>
internal sealed class StoredTeachers(ReinforcedImages reinforced) : ITeaching
{
    public string Name => $"stored opinions of {reinforced.TeacherIdentity}, {reinforced.Evidence.Kept} classes";

    public IReadOnlyList<string> Teachers => reinforced.Evidence.Teachers;

    public IEnumerable<string> Problems(TrainPlan plan, int classes)
    {
        if (plan.Mixup > 0 || plan.CutMix > 0)
            yield return $"mixup, cutMix: expected 0, found {plan.Mixup} and {plan.CutMix}: teachers have not seen mixed images; ask live teachers (from:) instead";
        if (plan.Progressive.Count > 0)
            yield return $"progressive: expected none, found {plan.Progressive.Count} phases: teachers have seen images of {reinforced.Data.Size} px only";
        if (classes != reinforced.Evidence.Classes)
            yield return $"images: {classes} classes, but the stored opinions are on {reinforced.Evidence.Classes}";
    }

    public Tensor LogProbabilities(TrainState state)
    {
        using var scope = NewDisposeScope();
        var stored = reinforced.Opinions.LogProbabilities(state.Indices, reinforced.Views.Of(state.Epoch));
        return stored.to(state.Inputs.device).MoveToOuterDisposeScope();
    }

    public Exam Examine(IBatchSource test)
    {
        using var scope = NewDisposeScope();
        var opinions = reinforced.Opinions.LogProbabilities([.. Enumerable.Range(0, reinforced.Count)], view: 0);
        var guesses = opinions.argmax(-1); // [K, N]
        return new Exam(
            "first stored view of the training images",
            new ImageBatches(ReinforceVerb.Loader(reinforced.Data, reinforced.Options)),
            [.. Teachers.Select((_, k) => Array.ConvertAll(guesses[k].data<long>().ToArray(), g => (int)g))]
        );
    }

    public void Dispose() { }
}
