# Images, secrets, clusters: see manifests/README.md.
OVERLAY ?= minikube
COMPONENTS ?=
KUBECTL ?= kubectl
IMAGES_REPO ?=
IMAGES_LOAD ?=
PROFILE ?= hce
KNATIVE := knative-v1.21.0
KUBERNETES := v1.34.4

IMAGES := login=functions/login/cmd/login,functions/login/cmd/crear-administrador \
	patient=functions/patient/cmd/patient,functions/patient/cmd/verificar-auditoria admission=functions/admission/cmd/admission notes=functions/notes/cmd/notes \
	pdf-export=functions/pdf-export/cmd/pdf-export ui=ui/cmd/ui migrate=shared/cmd/migrate
IMAGE = $(BIN)/image -go $(GO) -root $(ROOT) -out $(BIN)/images $(if $(ARCH),-arch $(ARCH))
HCE = $(KUBECTL) -n hce

# What the tests read lies outside their module, where Go's cache of results does not look.
check/manifests: GOFLAGS += -count=1

.PHONY: $(BIN)/image
$(BIN)/image:
	@GOWORK=off $(GO) -C manifests/image build -o $@ .

.PHONY: images
images: $(BIN)/image ## container images and their bills of materials in .bin/images, without Docker
	@rm -rf $(BIN)/images
	$(IMAGE) $(if $(IMAGES_REPO),-repo $(IMAGES_REPO) -push) $(IMAGES)

# With IMAGES_REPO the images are pushed there; else IMAGES_LOAD FILE... puts the archives into the cluster.
.PHONY: images/load
images/load: images
ifeq ($(IMAGES_REPO),)
	@[ -n "$(IMAGES_LOAD)" ] || { echo "IMAGES_REPO=registry/path pushes the images, IMAGES_LOAD=command loads them"; exit 1; }
	@$(IMAGES_LOAD) $(BIN)/images/*.tar
endif

.PHONY: secrets secrets/roles
secrets secrets/roles: export LLAVES = $(GO) run -C $(ROOT)/functions/login ./cmd/llaves
secrets secrets/roles: export GOWORK = off
secrets: ## make the secrets that the cluster of KUBECONFIG does not have yet
	@KUBECTL="$(KUBECTL)" manifests/secrets
secrets/roles: ## SQL with the functions' passwords, for a database outside the cluster
	@KUBECTL="$(KUBECTL)" manifests/secrets roles

$(BIN)/deploy/kustomization.yaml: images
	@mkdir -p $(@D)
	@{ echo "resources: [../../manifests/overlays/$(OVERLAY)]"; \
	   [ -z "$(COMPONENTS)" ] || { echo "components:"; for c in $(COMPONENTS); do echo "- ../../manifests/components/$$c"; done; }; \
	   echo "images:"; cat $(BIN)/images/images.yaml; } >$@

.PHONY: deploy
deploy: images/load secrets $(BIN)/deploy/kustomization.yaml ## put OVERLAY and COMPONENTS into the cluster of KUBECONFIG
	@$(HCE) delete job migrate --ignore-not-found
	$(KUBECTL) apply --server-side --force-conflicts -k $(BIN)/deploy
	@$(HCE) wait --for=condition=Complete job/migrate --timeout=15m
	@$(HCE) wait --for=condition=Ready ksvc --all --timeout=10m
	@$(HCE) wait --for=condition=Ready broker,trigger,pingsource --all --timeout=5m
	@$(HCE) delete job migrate # what it said is of use only when it fails
	@echo "listo $$($(HCE) get $$($(HCE) get configmap -o name | grep /settings- | tail -1) -o 'jsonpath={.data.PUBLIC_URL}')"

.PHONY: administrator
administrator: ## the first administrator's account: USUARIO=… CORREO=… NOMBRE=…
	@KUBECTL="$(KUBECTL)" manifests/administrator "$(USUARIO)" "$(CORREO)" "$(NOMBRE)"

.PHONY: undeploy
undeploy: ## delete all of it from the cluster, the records too: SURE=yes
	@[ "$(SURE)" = yes ] || { echo "this deletes every record in $$($(KUBECTL) config current-context): SURE=yes"; exit 1; }
	$(KUBECTL) delete namespace hce --ignore-not-found --wait

SERVING := https://github.com/knative/serving/releases/download/$(KNATIVE)
EVENTING := https://github.com/knative/eventing/releases/download/$(KNATIVE)
KOURIER := https://github.com/knative-extensions/net-kourier/releases/download/$(KNATIVE)
CLUSTER = $(KUBECTL) --context $(PROFILE)

.PHONY: minikube
minikube: ## all of it in a Minikube of its own, on http://ui.hce.localhost:8080
	minikube start -p $(PROFILE) --driver=docker --kubernetes-version=$(KUBERNETES) --cpus=4 --memory=6g --ports=127.0.0.1:8080:31080
	$(CLUSTER) apply -f $(SERVING)/serving-crds.yaml -f $(EVENTING)/eventing-crds.yaml
	$(CLUSTER) wait --for=condition=Established --all crd --timeout=2m
	$(CLUSTER) apply -f $(SERVING)/serving-core.yaml -f $(KOURIER)/kourier.yaml
	$(CLUSTER) apply -f $(EVENTING)/eventing-core.yaml -f $(EVENTING)/in-memory-channel.yaml -f $(EVENTING)/mt-channel-broker.yaml
	$(CLUSTER) -n knative-serving patch configmap config-network --type merge -p '{"data":{"ingress-class":"kourier.ingress.networking.knative.dev"}}'
	$(CLUSTER) -n knative-serving patch configmap config-domain --type merge -p '{"data":{"localhost":""}}'
	$(CLUSTER) -n kourier-system patch service kourier -p '{"spec":{"type":"NodePort","ports":[{"name":"http2","port":80,"targetPort":8080,"nodePort":31080}]}}'
	for n in knative-serving knative-eventing kourier-system; do $(CLUSTER) -n $$n wait --for=condition=Available deployment --all --timeout=5m || exit 1; done
	@$(MAKE) --no-print-directory deploy OVERLAY=minikube KUBECTL="$(CLUSTER)" IMAGES_LOAD="minikube -p $(PROFILE) image load" IMAGES_REPO=

# The clinic that URL (or else its own PUBLIC_URL) names, asked for HOST there if that is given. Without USUARIO and CLAVE
# an administrador is made for the visit, and shut after it.
VISIT = URL="$(URL)" HOST="$(HOST)" KUBECTL="$(KUBECTL)" functions/hce/e2e/visit

.PHONY: e2e
e2e: ## the journeys on the clinic of KUBECONFIG: URL=… HOST=… USUARIO=… CLAVE=… SEGUNDO_FACTOR=…
	@.tools/need poppler-utils:pdftotext
	@$(VISIT) $(GO) test -count=1 -v -timeout 10m ./functions/hce/e2e

.PHONY: disturb
disturb: ## the same while the broker and instances are killed and revisions change: on a cluster of one's own
	@HCE_DISTURB=1 HCE_BROKER="$(BROKER)" HCE_KILL="$(KILL)" HCE_REVIVE="$(REVIVE)" $(VISIT) $(GO) test -count=1 -v -timeout 20m -run 'TestDisturbed$(if $(RUN),/$(RUN))' ./functions/hce/e2e

.PHONY: load
load: ## a rising load on the clinic of KUBECONFIG, with a picture of it in .bin/load.svg
	@$(GO) build -o $(BIN)/load ./functions/hce/cmd/load
	@$(VISIT) $(BIN)/load -svg $(or $(SVG),$(BIN)/load.svg) $(LOAD)
