/// Running and checking notebooks with the real engine in its own process.
module Recipes.Tests.NotebookRunDoubles

open System
open System.Diagnostics
open System.IO
open System.Text.Json
open System.Threading
open System.Xml
open System.Xml.Schema
open Expecto
open Recipes.Notebook.Cells
open Recipes.Notebook.Documents
open Recipes.Notebook.Running
open Recipes.Notebook.Running.Kernel
open Recipes.Tests.Support

let wait (task: Tasks.Task<'a>) = task.GetAwaiter().GetResult()

/// Writes a notebook of code cells, each with its tags, and with one stored output "old".
let write (folder: string) name (cells: (string list * string) list) =
    let document = NotebookDocument.New()

    for tags, source in cells do
        let cell = document.Add(CellKind.Code, source)
        cell.Tags <- List.toArray tags
        OutputRecorder().Record(cell, CellOutput.Printed("stdout", "old\n"))

    let path = Path.Combine(folder, name + ".ipynb")
    document.Save path
    path

let statuses (run: NotebookRun) = [ for c in run.Cells -> c.Status ]

let text (cell: CellRun) =
    CellText.Printed(cell.Cell.Outputs, "stdout")

/// Patient with a busy machine: only what is asked for ends a cell.
let launch folder =
    KernelLaunch.Recipes(folder, "csharp")
    |> fun l -> KernelLaunch(l.FileName, l.Arguments, folder, Grace = TimeSpan.FromSeconds 30.0)

let noOne: INotebookRunObserver = Unchecked.defaultof<_>

/// The usual schema of JUnit's files, as CI systems check it.
let junitSchema =
    """<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:complexType name="problem"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="message"/><xs:attribute name="type"/></xs:extension></xs:simpleContent></xs:complexType>
  <xs:attributeGroup name="counts">
    <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger"/><xs:attribute name="errors" type="xs:nonNegativeInteger"/>
    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/><xs:attribute name="time" type="xs:decimal"/>
  </xs:attributeGroup>
  <xs:element name="testsuites"><xs:complexType><xs:sequence>
    <xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType><xs:sequence>
      <xs:element name="properties" minOccurs="0"><xs:complexType><xs:sequence>
        <xs:element name="property" maxOccurs="unbounded"><xs:complexType>
          <xs:attribute name="name" use="required"/><xs:attribute name="value" use="required"/></xs:complexType></xs:element>
      </xs:sequence></xs:complexType></xs:element>
      <xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType><xs:sequence>
        <xs:choice minOccurs="0"><xs:element name="skipped" type="problem"/><xs:element name="error" type="problem"/><xs:element name="failure" type="problem"/></xs:choice>
        <xs:element name="system-out" type="xs:string" minOccurs="0"/><xs:element name="system-err" type="xs:string" minOccurs="0"/>
      </xs:sequence><xs:attribute name="name" use="required"/><xs:attribute name="classname" use="required"/><xs:attribute name="time" type="xs:decimal"/></xs:complexType></xs:element>
    </xs:sequence><xs:attribute name="name" use="required"/><xs:attribute name="timestamp" type="xs:dateTime"/><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
  </xs:sequence><xs:attributeGroup ref="counts"/></xs:complexType></xs:element>
</xs:schema>"""

/// Reads a JUnit file, which must fit the schema.
let junit (path: string) =
    let document = XmlDocument()
    use schema = new StringReader(junitSchema)
    document.Schemas.Add("", XmlReader.Create schema) |> ignore
    document.Load path
    document.Validate(fun _ e -> failtest e.Message)
    document

let command (folder: string) (arguments: string list) =
    let info =
        ProcessStartInfo(
            "dotnet",
            Path.Combine(root, "bin", "Recipes.Cli.dll") :: arguments,
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true
        )

    use child = Process.Start info
    let errors = child.StandardError.ReadToEndAsync()
    let output = child.StandardOutput.ReadToEnd()
    child.WaitForExit()
    child.ExitCode, output, errors.Result
