using System.Globalization;
using System.Text;
using Recipes.Training;

namespace Recipes.Verbs;

/// <summary>How often a student says what one teacher says.</summary>
/// <param name="Name">The teacher's name.</param>
/// <param name="Top1">The teacher's own share of right first guesses, 0 to 1.</param>
/// <param name="Before">Share of images on which student and teacher had the same first guess before training.</param>
/// <param name="After">The same after training.</param>
public sealed record TeacherAgreement(string Name, double Top1, double Before, double After);

/// <summary>What distillation did to the student.</summary>
/// <param name="Student">The student's name.</param>
/// <param name="By">The loss.</param>
/// <param name="Steps">Optimizer steps.</param>
/// <param name="TrainLoss">Mean training loss of each epoch, as optimised.</param>
/// <param name="Before">The student on the test images before training.</param>
/// <param name="After">The student on the test images after training.</param>
/// <param name="AgreementOn">The images on which agreement is measured.</param>
/// <param name="Teachers">One row for each teacher.</param>
public sealed record DistillEvidence(
    string Student,
    SoftTargets By,
    long Steps,
    IReadOnlyList<double> TrainLoss,
    Evaluation Before,
    Evaluation After,
    string AgreementOn,
    IReadOnlyList<TeacherAgreement> Teachers
)
{
    /// <summary>One line a fact.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        Line($"distill: {Student} from {Teachers.Count} teacher{(Teachers.Count == 1 ? "" : "s")} ({By}), {Steps} steps");
        Line($"  top-1       {Before.Top1, 8:P1} -> {After.Top1, 6:P1} of {After.Count} test images");
        Line($"  test loss   {Before.Loss, 8:F3} -> {After.Loss, 6:F3}");
        if (TrainLoss.Count > 0)
            Line($"  train loss  {TrainLoss[0], 8:F3} -> {TrainLoss[^1], 6:F3} in {TrainLoss.Count} epochs");
        Line($"  agreement on the {AgreementOn}:");
        foreach (var (teacher, number) in Teachers.Select((t, i) => (t, i + 1)))
            Line($"    {number} {teacher.Name, -18}{teacher.Before, 8:P1} -> {teacher.After, 6:P1} (its own top-1 {teacher.Top1:P1})");
        return text.ToString().TrimEnd();

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }
}
